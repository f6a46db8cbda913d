#include <algorithm>
#include <limits>

#include "jensen/core/simd_log_gamma.hpp"
#include "jensen/models/lda/lda.hpp"
#include "scalar.hpp"
#include "workspace.hpp"

namespace jensen::lda {
using simd::Doubles;
using simd::load;
using simd::store;

namespace {

constexpr Index kLanes = simd::kLanes<double>;
constexpr double kPadding = 1e-100;  // of concentrations: far below all others, and its digamma is finite
/// Logarithms of a word's row below its largest: no number of it vanishes in a product with those of theta.
constexpr double kLeastLog = -300;

/// A row of K numbers as whole vectors, `padding` beyond them.
void pad(const double* row, Index topics, double padding, AlignedVector<double>& padded) {
  std::copy_n(row, topics, padded.begin());
  std::fill(padded.begin() + topics, padded.end(), padding);
}

/// elogs = digamma(lambda) - digammas of sums; terms += log Gamma(lambda) + (eta - lambda) elog.
[[gnu::flatten]] void expected_logs(Index stride, const double* lambda, const double* digammas_of_sums,
                                    double eta, double* elogs, double* terms) {
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles x = load<double>(lambda + k);
    const Doubles elog = simd::digamma(x) - load<double>(digammas_of_sums + k);
    store<double>(elog, elogs + k);
    store<double>(load<double>(terms + k) + (simd::log_gamma(x) + (eta - x) * elog), terms + k);
  }
}

[[gnu::flatten]] void logarithms(Index stride, const double* points, double* logs) {
  for (Index k = 0; k < stride; k += kLanes) store<double>(simd::log(load<double>(points + k)), logs + k);
}

/// row = exp(logs - largest), 0 beyond the K topics.
[[gnu::flatten]] void exponentiate_row(Index stride, Index topics, double* logs, double largest,
                                       double* row) {
  const Doubles least = kLeastLog;
  for (Index k = 0; k < stride; k += kLanes)
    store<double>(simd::exp_in_range(simd::max(load<double>(logs + k) - largest, least)), row + k);
  std::fill(row + topics, row + stride, 0.0);
}

void set_row(AlignedVector<double>& logs, Index topics, Index word, WordRows& words) {
  const double largest = *std::max_element(logs.begin(), logs.begin() + topics);
  std::fill(logs.begin() + topics, logs.end(), largest);
  words.log_scales[static_cast<std::size_t>(word)] = largest;
  exponentiate_row(words.rows.stride(), topics, logs.data(), largest, words.rows.row(word));
}

AlignedVector<double> padded_row(Index topics) {
  return AlignedVector<double>(static_cast<std::size_t>(simd::padded<double>(topics)), 0.0);
}

}  // namespace

MixturePrior make_mixture_prior(const Vector& alpha) {
  const Index topics = alpha.size();
  MixturePrior prior{.topics = topics,
                     .alpha = padded_row(topics),
                     .log_gamma = padded_row(topics),
                     .first_gamma = padded_row(topics)};
  pad(alpha.data(), topics, kPadding, prior.alpha);
  pad(Vector::Ones(topics).eval().data(), topics, kPadding, prior.first_gamma);
  for (std::size_t k = 0; k < prior.alpha.size(); ++k) prior.log_gamma[k] = log_gamma(prior.alpha[k]);
  prior.log_gamma_of_sum = log_gamma(alpha.sum());
  return prior;
}

void LatentDirichletAllocation::prepare(Index t) {
  t_ = t;
  const Index stride = simd::padded<double>(topics());
  // Copies of a model have rows of their own.
  if (word_rows_.use_count() > 1 || word_rows_->rows.stride() != stride) {
    word_rows_ = std::make_shared<WordRows>(
        WordRows{PaddedRows(words(), stride), AlignedVector<double>(static_cast<std::size_t>(words()))});
  }
  prior_ = std::make_shared<MixturePrior>(make_mixture_prior(alpha_));
  if (settings_.kind == TopicKind::dirichlet) {
    topics_bound_ = prepare_dirichlet();
  } else {
    prepare_points();
  }
}

double LatentDirichletAllocation::prepare_dirichlet() {
  auto lambda = padded_row(topics()), totals = lambda, digammas = lambda, logs = lambda, terms = lambda;
  for (Index w = 0; w < words(); ++w) {
    for (Index k = 0; k < topics(); ++k) totals[static_cast<std::size_t>(k)] += topic_word_(w, k);
  }
  for (Index k = 0; k < topics(); ++k)
    digammas[static_cast<std::size_t>(k)] = digamma(totals[static_cast<std::size_t>(k)]);
  for (Index w = 0; w < words(); ++w) {
    pad(topic_word_.row(w).data(), topics(), 1.0, lambda);
    expected_logs(simd::padded<double>(topics()), lambda.data(), digammas.data(), eta_of(w), logs.data(),
                  terms.data());
    set_row(logs, topics(), w, *word_rows_);
  }
  const double of_eta = eta_.size() == 1 ? static_cast<double>(words()) * log_gamma(eta_[0])
                                         : eta_.unaryExpr([](double e) { return log_gamma(e); }).sum();
  double bound = static_cast<double>(topics()) * (log_gamma(total_eta()) - of_eta);
  for (std::size_t k = 0; k < static_cast<std::size_t>(topics()); ++k)
    bound += terms[k] - log_gamma(totals[k]);
  return bound;
}

void LatentDirichletAllocation::prepare_points() {
  auto points = padded_row(topics()), logs = points;
  for (Index w = 0; w < words(); ++w) {
    pad(topic_word_.row(w).data(), topics(), 1.0, points);
    logarithms(simd::padded<double>(topics()), points.data(), logs.data());
    set_row(logs, topics(), w, *word_rows_);
  }
  topics_bound_ = 0;
}

}  // namespace jensen::lda
