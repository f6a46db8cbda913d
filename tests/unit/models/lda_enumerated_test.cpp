// Corpora so small that the topics of all tokens can be enumerated: log p(w), the posterior and KL(q ‖ p) are
// exact then, and the ELBO is what remains.
#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/random.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/lda.hpp"
#include "support/corpus.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

struct Token {
  Index document;
  Index word;
};

std::vector<Token> tokens_of(const test::Corpus& corpus) {
  std::vector<Token> tokens;
  for (std::size_t d = 0; d < corpus.documents.size(); ++d) {
    for (const auto& [word, count] : corpus.documents[d])
      tokens.insert(tokens.end(), static_cast<std::size_t>(count), {static_cast<Index>(d), word});
  }
  return tokens;
}

/// ln of the Dirichlet's normaliser: sum of ln Γ(a_i) - ln Γ(sum of a_i).
double log_beta(const Vector& a) {
  double sum = -std::lgamma(a.sum());
  for (const double value : a) sum += std::lgamma(value);
  return sum;
}

/// KL(Dir(a) ‖ Dir(b)).
double dirichlet_divergence(const Vector& a, const Vector& b) {
  double sum = log_beta(b) - log_beta(a);
  for (Index i = 0; i < a.size(); ++i)
    sum += (a[i] - b[i]) * (boost::math::digamma(a[i]) - boost::math::digamma(a.sum()));
  return sum;
}

/// Topics of all tokens, and how often they stand in documents and with words.
struct Assignment {
  Matrix in_document;  // K x documents
  Matrix of_word;      // V x K
};

struct Prior {
  Vector alpha;  // K
  Vector eta;    // V
};

/// Calls visit(z, assignment) for each of the K^T ways to give T tokens topics.
template <class Visit>
void for_each_assignment(const std::vector<Token>& tokens, Index topics, Index words, Index documents,
                         Visit visit) {
  std::vector<Index> z(tokens.size(), 0);
  for (;;) {
    Assignment counts{Matrix::Zero(topics, documents), Matrix::Zero(words, topics)};
    for (std::size_t i = 0; i < z.size(); ++i) {
      counts.in_document(z[i], tokens[i].document) += 1;
      counts.of_word(tokens[i].word, z[i]) += 1;
    }
    visit(z, counts);
    std::size_t i = 0;
    while (i < z.size() && ++z[i] == topics) z[i++] = 0;
    if (i == z.size()) return;
  }
}

/// log p(w, z), the mixtures and topics integrated out.
double log_joint(const Assignment& counts, const Prior& prior) {
  double sum = 0;
  for (Index d = 0; d < counts.in_document.cols(); ++d)
    sum += log_beta(prior.alpha + counts.in_document.col(d)) - log_beta(prior.alpha);
  for (Index k = 0; k < counts.of_word.cols(); ++k)
    sum += log_beta(prior.eta + counts.of_word.col(k)) - log_beta(prior.eta);
  return sum;
}

double log_evidence(const test::Corpus& corpus, const Prior& prior) {
  double largest = -std::numeric_limits<double>::infinity();
  std::vector<double> all;
  for_each_assignment(tokens_of(corpus), prior.alpha.size(), corpus.vocabulary,
                      static_cast<Index>(corpus.documents.size()),
                      [&](const auto&, const Assignment& counts) {
                        all.push_back(log_joint(counts, prior));
                        largest = std::max(largest, all.back());
                      });
  double sum = 0;
  for (const double value : all) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

/// q of a model: of mixtures, of topics, and of the topic of each token.
struct Variational {
  Matrix gamma;   // K x documents
  Matrix lambda;  // V x K
  Matrix phi;     // tokens x K

  Variational(const LatentDirichletAllocation& model, const test::Corpus& corpus)
      : gamma(model.topics(), static_cast<Index>(corpus.documents.size())), lambda(model.topic_word()) {
    const test::CorpusShard shard(corpus);
    test::CorpusShard::Buffer buffer;
    const CountBlock block = shard.block(0, buffer);
    REQUIRE(block.documents() == gamma.cols());
    for (Index d = 0; d < gamma.cols(); ++d) gamma.col(d) = model.infer(block.document(d)).gamma;
    const std::vector<Token> tokens = tokens_of(corpus);
    phi.resize(static_cast<Index>(tokens.size()), gamma.rows());
    for (Index i = 0; i < phi.rows(); ++i) {
      const Token& token = tokens[static_cast<std::size_t>(i)];
      for (Index k = 0; k < phi.cols(); ++k) {
        phi(i, k) =
            std::exp(boost::math::digamma(gamma(k, token.document)) +
                     boost::math::digamma(lambda(token.word, k)) - boost::math::digamma(lambda.col(k).sum()));
      }
      phi.row(i) /= phi.row(i).sum();
    }
  }
};

/// KL(q ‖ p(z, θ, β | w)) = KL(q(z) ‖ p(z | w)) + E_q(z)[KL(q(θ) q(β) ‖ p(θ, β | z, w))], every divergence in
/// closed form: given the topics of the tokens, mixtures and topics are Dirichlet and independent.
double divergence(const Variational& q, const test::Corpus& corpus, const Prior& prior) {
  const double evidence = log_evidence(corpus, prior);
  double sum = 0, total = 0;
  for_each_assignment(tokens_of(corpus), prior.alpha.size(), corpus.vocabulary, q.gamma.cols(),
                      [&](const std::vector<Index>& z, const Assignment& counts) {
                        double log_q = 0, of_rest = 0;
                        for (std::size_t i = 0; i < z.size(); ++i)
                          log_q += std::log(q.phi(static_cast<Index>(i), z[i]));
                        for (Index d = 0; d < q.gamma.cols(); ++d)
                          of_rest +=
                              dirichlet_divergence(q.gamma.col(d), prior.alpha + counts.in_document.col(d));
                        for (Index k = 0; k < q.lambda.cols(); ++k)
                          of_rest += dirichlet_divergence(q.lambda.col(k), prior.eta + counts.of_word.col(k));
                        const double log_posterior = log_joint(counts, prior) - evidence;
                        CHECK(of_rest >= 0);
                        sum += std::exp(log_q) * (log_q - log_posterior + of_rest);
                        total += std::exp(log_q);
                      });
  CHECK(total == Approx(1).epsilon(1e-12));
  return sum;
}

LatentDirichletAllocation model_of(const test::Corpus& corpus, const Prior& prior, std::uint64_t seed,
                                   lda::DocumentStep step = lda::DocumentStep::block) {
  LatentDirichletAllocation model({.topics = prior.alpha.size(),
                                   .document_step = step,
                                   .most_sweeps = 5000,
                                   .document_tolerance = 1e-14,
                                   .alpha = prior.alpha,
                                   .eta = prior.eta},
                                  corpus.vocabulary);
  RowMatrix topics(corpus.vocabulary, prior.alpha.size());
  for (Index w = 0; w < topics.rows(); ++w) {
    Stream stream(seed, Purpose::topics, w);
    for (Index k = 0; k < topics.cols(); ++k) topics(w, k) = 0.1 + 2 * stream.exponential();
  }
  model.set_topics(topics);
  return model;
}

test::Corpus tiny() {
  return {.vocabulary = 4, .documents = {{{0, 2}, {1, 1}}, {{1, 1}, {2, 2}}, {}, {{3, 1}, {0, 1}}}};
}

}  // namespace

TEST_CASE("log p(w) = ELBO + KL to rounding, on corpora whose posterior can be enumerated", "[lda]") {
  const test::Corpus corpus = tiny();
  const auto step = GENERATE(lda::DocumentStep::block, lda::DocumentStep::sequential);
  const bool same_eta = GENERATE(true, false);
  for (const Index topics : {1, 2, 3}) {
    Prior prior{Vector(topics),
                same_eta ? Vector::Constant(4, 0.4) : Vector(Eigen::Vector4d(0.9, 0.05, 1.7, 0.3))};
    for (Index k = 0; k < topics; ++k) prior.alpha[k] = 0.3 + 0.5 * static_cast<double>(k);
    const double evidence = log_evidence(corpus, prior);
    for (const Index iterations : {0, 1, 30}) {
      INFO(topics << " topics, " << iterations << " iterations");
      LatentDirichletAllocation model = model_of(corpus, prior, 5, step);
      const FitResult result =
          fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = iterations}});
      const double elbo = result.progress.objective();
      const double kl = divergence(Variational(model, corpus), corpus, prior);
      const bool exact = topics == 1 && iterations > 0;  // q is the posterior then
      CHECK((exact ? std::abs(kl) < 1e-12 : kl > 0.01));
      CHECK(elbo <= evidence + 1e-12);
      CHECK(elbo + kl == Approx(evidence).epsilon(1e-12));
    }
  }
}
