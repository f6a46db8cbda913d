#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/random.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/lda.hpp"
#include "support/corpus.hpp"
#include "support/ending.hpp"
#include "support/plain_lda.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;
using lda::TopicKind;

namespace {

RowMatrix random_topics(Index words, Index topics, double least = 0.05) {
  RowMatrix values(words, topics);
  for (Index w = 0; w < words; ++w) {
    Stream stream(3, Purpose::topics, w);
    for (Index k = 0; k < topics; ++k) values(w, k) = least + stream.exponential();
  }
  return values;
}

/// A prior with a number of its own for each word.
Vector falling(Index words) {
  return Vector::LinSpaced(words, 0.9, 0.01);
}

lda::Settings settings_of(Index topics, double alpha = 0.3) {
  return {.topics = topics,
          .most_sweeps = 60,
          .document_tolerance = 1e-7,
          .alpha = lda::symmetric(alpha, topics),
          .eta = lda::symmetric(0.05, 1)};
}

lda::Sums pass(const LatentDirichletAllocation& model, const test::Corpus& corpus,
               Index block_documents = 16) {
  lda::Sums sums = model.make_sums();
  accumulate(test::CorpusShard(corpus, {}, block_documents), Communicator(), sums,
             [&](const CountBlock& block, Index, lda::Sums& own) {
               LatentDirichletAllocation::Cache cache;
               model.local_step(block, cache, own);
             });
  return sums;
}

}  // namespace

TEST_CASE("an E-step is that of the plain formulas", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(40, 57, 4);
  for (const Index topics : {1, 2, 7, 8, 9, 20}) {
    for (const TopicKind kind : {TopicKind::dirichlet, TopicKind::point}) {
      INFO(topics << " topics, " << (kind == TopicKind::point ? "points" : "Dirichlet"));
      lda::Settings settings = settings_of(topics);
      settings.kind = kind;
      for (Index k = 0; k < topics; ++k) settings.alpha[k] = 0.1 + 0.2 * static_cast<double>(k % 4);
      if (topics % 2 == 0 && kind == TopicKind::dirichlet) settings.eta = falling(corpus.vocabulary);
      LatentDirichletAllocation model(settings, corpus.vocabulary);
      model.set_topics(random_topics(corpus.vocabulary, topics));
      model.prepare(0);
      const test::PlainLda plain{.lambda = model.topic_word(),
                                 .points = kind == TopicKind::point,
                                 .alpha = settings.alpha,
                                 .eta = settings.eta};
      const lda::Sums sums = pass(model, corpus);
      RowMatrix counts;
      const double elbo = plain.elbo(corpus, settings.document_tolerance, settings.most_sweeps, &counts);
      CHECK(model.objective(sums) == Approx(elbo).epsilon(1e-12));
      CHECK(model.topics_bound() == Approx(plain.topics_bound()).epsilon(1e-12));
      CHECK(sums.weight() == corpus.tokens());
      CHECK(sums.records() == 40);
      CHECK(sums.magnitude() >= std::abs(sums.objective()));
      double worst = 0;
      for (Index w = 0; w < corpus.vocabulary; ++w) {
        for (Index k = 0; k < topics; ++k)
          worst = std::max(worst, std::abs(sums.row(w)[static_cast<std::size_t>(k)] - counts(w, k)));
      }
      CHECK(worst < 1e-9);
    }
  }
}

TEST_CASE("a document's posterior is that of the plain formulas", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(12, 40, 3);
  LatentDirichletAllocation model(settings_of(5), corpus.vocabulary);
  model.set_topics(random_topics(corpus.vocabulary, 5));
  model.prepare(0);
  const test::PlainLda plain{.lambda = model.topic_word(), .alpha = model.alpha(), .eta = model.eta()};
  const test::CorpusShard shard(corpus);
  test::CorpusShard::Buffer buffer;
  const CountBlock block = shard.block(0, buffer);
  for (Index n = 0; n < block.documents(); ++n) {
    const auto found = model.infer(block.document(n));
    const auto expected = plain.infer(corpus.documents[static_cast<std::size_t>(n)], 1e-7, 60);
    CHECK(found.bound == Approx(expected.bound).epsilon(1e-11).margin(1e-12));
    CHECK((found.gamma - expected.gamma).cwiseAbs().maxCoeff() < 1e-9);
    CHECK(found.mixture().sum() == Approx(1));
  }
}

TEST_CASE("a document without tokens adds nothing, and its q is the prior", "[lda]") {
  const test::Corpus empty{.vocabulary = 3, .documents = {{}, {}}};
  LatentDirichletAllocation model(settings_of(4), 3);
  model.prepare(0);
  const lda::Sums sums = pass(model, empty);
  CHECK(sums.objective() == 0);
  CHECK(sums.weight() == 0);
  CHECK(sums.records() == 2);
  CHECK(sums.unsettled() == 0);
  for (Index w = 0; w < 3; ++w) CHECK(sums.row(w)[0] == 0);
  const auto found = model.infer({});
  CHECK(found.gamma == model.alpha());
  CHECK(found.bound == 0);
}

TEST_CASE("one topic has the evidence in closed form", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(30, 20, 2);
  lda::Settings settings = settings_of(1);
  if (GENERATE(false, true)) settings.eta = falling(corpus.vocabulary);
  LatentDirichletAllocation model(settings, corpus.vocabulary);
  model.set_topics(random_topics(corpus.vocabulary, 1));
  const FitResult result =
      fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 2}});
  // p(words) of a Dirichlet-multinomial: log Gamma(sum eta) - log Gamma(sum eta + N) + sum_w log Gamma
  // ratios.
  Vector counts = Vector::Zero(corpus.vocabulary);
  for (const auto& document : corpus.documents) {
    for (const auto& [word, count] : document) counts[word] += count;
  }
  double total = 0, evidence = 0;
  for (Index w = 0; w < corpus.vocabulary; ++w) {
    const double eta = model.eta_of(w);
    total += eta;
    evidence += std::lgamma(eta + counts[w]) - std::lgamma(eta);
  }
  evidence += std::lgamma(total) - std::lgamma(total + counts.sum());
  CHECK(result.progress.objectives[1] == Approx(evidence).epsilon(1e-12));
  CHECK(result.progress.objectives[2] == Approx(evidence).epsilon(1e-12));
}

TEST_CASE("the ELBO rises with every iteration", "[lda][long]") {
  const test::Corpus corpus = test::drawn_corpus(60, 57, 4);
  for (const TopicKind kind : {TopicKind::dirichlet, TopicKind::point}) {
    for (const auto step : {lda::DocumentStep::block, lda::DocumentStep::sequential}) {
      for (const auto learning :
           {lda::Learning::fixed, lda::Learning::symmetric, lda::Learning::asymmetric}) {
        lda::Settings settings = settings_of(6);
        settings.kind = kind;
        settings.document_step = step;
        settings.most_sweeps = 500;
        settings.document_tolerance = step == lda::DocumentStep::block ? 1e-10 : 1e-13;
        settings.learn_alpha = learning;
        settings.learn_eta = learning;
        LatentDirichletAllocation model(settings, corpus.vocabulary);
        model.set_topics(random_topics(corpus.vocabulary, 6));
        const auto result =
            fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 25}});
        const auto& objectives = result.progress.objectives;
        // Word by word, a document that starts afresh now and then ends in another maximum than before.
        const double slack = step == lda::DocumentStep::block ? 1e-9 : 1e-4;
        for (std::size_t t = 1; t < objectives.size(); ++t) {
          INFO("iteration " << t);
          CHECK(objectives[t] >= objectives[t - 1] - slack * std::abs(objectives[t]));
        }
        CHECK(model.sizes().sum() == Approx(corpus.tokens()));
      }
    }
  }
}

TEST_CASE("documents that start warm reach the same ELBO in fewer sweeps, and it never falls", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(60, 57, 4);
  lda::Settings settings = settings_of(4);
  settings.document_tolerance = 1e-4;
  LatentDirichletAllocation cold(settings, corpus.vocabulary);
  settings.warm_start = true;
  LatentDirichletAllocation warm(settings, corpus.vocabulary);
  CHECK_FALSE(cold.monotone());
  CHECK(warm.monotone());
  std::vector<double> last;
  for (auto* model : {&cold, &warm}) {
    model->set_topics(random_topics(corpus.vocabulary, 4));
    const auto result = fit(*model, test::CorpusShard(corpus), Communicator(),
                            {.stopping = {.max_iterations = 40, .strict = true}});
    last.push_back(result.progress.objective());
  }
  CHECK(last[1] == Approx(last[0]).epsilon(1e-3));
}

TEST_CASE("concentrations of any size leave nothing that is not finite", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(30, 30, 3);
  for (const double alpha : {1e-6, 1e-3, 1.0, 1e4}) {
    for (const double eta : {1e-6, 1e-3, 1.0, 1e4}) {
      lda::Settings settings = settings_of(12, alpha);
      settings.eta = lda::symmetric(eta, 1);
      LatentDirichletAllocation model(settings, corpus.vocabulary);
      model.set_topics(random_topics(corpus.vocabulary, 12, eta));
      const auto result =
          fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 8}});
      INFO("alpha " << alpha << ", eta " << eta);
      for (const double objective : result.progress.objectives) CHECK(std::isfinite(objective));
      CHECK(model.topic_word().allFinite());
      CHECK((model.topic_word().array() > 0).all());
      CHECK(model.sizes().sum() == Approx(corpus.tokens()).epsilon(1e-9));
    }
  }
}

TEST_CASE("the toy's topics are its blocks", "[lda]") {
  const test::Corpus corpus = test::block_diagonal();
  lda::Settings settings = settings_of(3, 0.1);
  LatentDirichletAllocation model(settings, 9);
  model.set_topics(random_topics(9, 3));
  fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 100}});
  std::vector<std::vector<Index>> found;
  for (Index k = 0; k < 3; ++k) {
    auto& words = found.emplace_back();
    for (const auto& [word, probability] : model.top_words(k, 3)) {
      words.push_back(word);
      CHECK(probability > 0.3);
    }
    std::sort(words.begin(), words.end());
  }
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::vector<Index>>{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}});
}

TEST_CASE("a point topic without tokens becomes uniform, and that is reported", "[lda]") {
  lda::Settings settings = settings_of(2);
  settings.kind = TopicKind::point;
  LatentDirichletAllocation model(settings, 4);
  lda::Sums sums = model.make_sums();
  sums.touch(1)[0] = 5, sums.weight() = 5, sums.records() = 1;
  const Change change = model.global_step(sums, 0);
  REQUIRE(change.repairs.size() == 1);
  CHECK(change.repairs[0].component == 1);
  CHECK((model.topic_word().col(1).array() == 0.25).all());
  CHECK(model.topic_word()(1, 0) == 1);
  CHECK(model.topic_word()(0, 0) == Approx(std::exp(-100)));
  CHECK(model.live_topics() == 1);
}

TEST_CASE("top words fall, ties by rising word", "[lda]") {
  LatentDirichletAllocation model(settings_of(1), 4);
  RowMatrix topics(4, 1);
  topics << 2, 4, 2, 8;
  model.set_topics(topics);
  const std::vector<std::pair<Index, double>> all = {{3, 0.5}, {1, 0.25}, {0, 0.125}, {2, 0.125}};
  CHECK(model.top_words(0, 10) == all);
  CHECK(model.top_words(0, 0).empty());
}

TEST_CASE("blocks with impossible words or counts are refused by name", "[lda]") {
  const LatentDirichletAllocation model(settings_of(2), 5);
  const auto refuse = [](std::int32_t word, double count) {
    const test::Corpus corpus{.vocabulary = 5, .documents = {{}, {{0, 1.0}}, {{word, count}}}};
    const test::CorpusShard shard(corpus);
    test::CorpusShard::Buffer buffer;
    return test::ending_of([&] { lda::require_valid(shard.block(0, buffer), 5); }).text;
  };
  CHECK(refuse(4, 0.5).empty());
  CHECK(refuse(5, 1) == "document 2 has word 5 (must be 0 to 4: the vocabulary has 5 words)");
  CHECK(refuse(-1, 1) == "document 2 has word -1 (must be 0 to 4: the vocabulary has 5 words)");
  CHECK(refuse(1, 0) == "document 2 has word 1 0 times (must be more than 0)");
  CHECK(refuse(1, -2) == "document 2 has word 1 -2 times (must be more than 0)");
  CHECK(refuse(1, std::numeric_limits<double>::quiet_NaN()) ==
        "document 2 has word 1 nan times (must be more than 0)");
}

TEST_CASE("settings that cannot be are refused", "[lda]") {
  const auto refuse = [](lda::Settings settings, Index words = 5) {
    return test::ending_of([&] { LatentDirichletAllocation(settings, words); });
  };
  const lda::Settings fine = settings_of(2);
  CHECK(refuse(fine).text.empty());
  lda::Settings settings = fine;
  settings.alpha = Vector::Constant(3, 0.1);
  CHECK(refuse(settings).text == "alpha has 3 values (must be 1, or 2: one for each topic)");
  settings.alpha = Vector::Constant(2, 0.0);
  CHECK(refuse(settings).text == "alpha = 0 (must be positive and finite)");
  settings = fine, settings.eta = lda::symmetric(-1, 1);
  CHECK(refuse(settings).text == "eta = -1 (must be positive and finite)");
  settings.eta = lda::symmetric(0.1, 4);
  CHECK(refuse(settings).text == "eta has 4 values (must be 1, or 5: one for each word)");
  settings = fine, settings.most_sweeps = 0;
  CHECK(refuse(settings).text == "sweeps = 0 (must be at least 1)");
  settings = fine, settings.document_tolerance = std::numeric_limits<double>::quiet_NaN();
  CHECK(refuse(settings).code == ExitCode::usage);
  CHECK(refuse(fine, 0).text == "the vocabulary has 0 words (must be at least 1)");
  settings = fine, settings.topics = 0, settings.alpha = Vector();
  CHECK(refuse(settings).text == "topics = 0 (must be at least 1)");
}
