#include <catch2/catch.hpp>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/evaluation.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"
#include "support/ending.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

lda::Settings settings_of(lda::Batches batches) {
  return {.topics = 4, .alpha = lda::symmetric(0.2, 4), .eta = lda::symmetric(0.05, 1), .batches = batches};
}

}  // namespace

TEST_CASE("each epoch visits every document once, in batches of its own", "[lda]") {
  const lda::Batches batches{.documents = 100, .batch_documents = 30, .seed = 3};
  REQUIRE(batches.count() == 4);
  std::vector<Index> first, second;
  for (Index n = 0; n < 100; ++n) {
    for (auto [epoch, list] : {std::pair(0, &first), std::pair(1, &second)}) {
      Index visits = 0;
      for (Index t = 4 * epoch; t < 4 * epoch + 4; ++t) {
        if (batches.contains(t, n)) ++visits, list->push_back(t % 4);
      }
      CHECK(visits == 1);
    }
  }
  CHECK(first != second);
  for (Index b = 0; b < 4; ++b) CHECK(std::count(first.begin(), first.end(), b) > 10);
}

TEST_CASE("steps shrink as they were asked to", "[lda]") {
  const lda::Batches batches{.documents = 100, .batch_documents = 30, .kappa = 0.5, .tau0 = 4};
  CHECK(batches.step_size(0) == 0.5);
  CHECK(batches.step_size(5) == Approx(1.0 / 3));
  CHECK(lda::Batches{.documents = 100, .batch_documents = 30, .tau0 = 0}.step_size(0) == 1);
  CHECK(lda::Batches{.documents = 100, .batch_documents = 100}.step_size(50) == 1);
}

TEST_CASE("full steps on all documents are those of batch variational Bayes", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(60, 57, 4);
  const test::CorpusShard shard(corpus);
  LatentDirichletAllocation plain(settings_of({}), 57),
      all(settings_of({.documents = 60, .batch_documents = 60}), 57);
  for (auto* model : {&plain, &all}) {
    lda::start_at_random(*model, 1);
    fit(*model, shard, Communicator(), {.stopping = {.max_iterations = 3}});
  }
  CHECK(save_state(plain) == save_state(all));
}

TEST_CASE("stochastic variational inference comes near the batch optimum", "[lda][long]") {
  const test::Corpus corpus = test::drawn_corpus(400, 57, 4);
  const test::CorpusShard shard(corpus);
  const auto elbo = [&](lda::Batches batches, Index iterations) {
    LatentDirichletAllocation model(settings_of(batches), 57);
    lda::start_at_random(model, 2);
    const auto result = fit(model, shard, Communicator(), {.stopping = {.max_iterations = iterations}});
    CHECK_FALSE(model.monotone());
    for (const double objective : result.progress.objectives) CHECK(std::isfinite(objective));
    return lda::score_by_bound(model, shard, Communicator()).elbo();
  };
  const double start = elbo({}, 0), best = elbo({}, 60);
  const double stochastic = elbo({.documents = 400, .batch_documents = 40, .kappa = 0.7, .tau0 = 2}, 150);
  CHECK(stochastic > start);
  CHECK(stochastic - start > 0.97 * (best - start));
}

TEST_CASE("batches with documents that start warm are refused", "[lda]") {
  lda::Settings settings = settings_of({.documents = 10, .batch_documents = 5});
  settings.warm_start = true;
  CHECK(test::ending_of([&] { LatentDirichletAllocation(settings, 5); }).text ==
        "documents cannot start warm where each iteration looks at others; leave out either");
  settings.warm_start = false, settings.batches.kappa = 1.5;
  CHECK(test::ending_of([&] { LatentDirichletAllocation(settings, 5); }).text ==
        "kappa = 1.5 (must be 0 to 1; above 0.5 for convergence)");
}
