#include <fmt/format.h>

#include <limits>

#include "jensen/models/kmeans/kmeans.hpp"
#include "support/data.hpp"
#include "support/ending.hpp"
#include "support/fit_case.hpp"
#include "support/restarts.hpp"
#include "support/world.hpp"

using namespace jensen;
using test::Ending;
using test::world;

namespace {

/// 208 records: each of up to 13 ranks has two blocks or more.
DenseShard example_shard() {
  return test::sharded(test::clusters(208).rows, world());
}

std::string sentence(Index first_record) {
  return fmt::format("the block from record {} on cannot be used", first_record);
}

/// A pass that fails in the second block of the ranks from `lowest` on, in steps of `step`.
Ending failing_pass(const DenseShard& shard, int lowest, int step) {
  Statistics sums(2);
  return test::ending_of([&] {
    accumulate(shard, world(), sums, [&](const DenseBlock& block, Index i, Statistics&) {
      const int rank = world().rank();
      if (i == 1 && rank >= lowest && (rank - lowest) % step == 0)
        throw InputError(sentence(block.first_record));
    });
  });
}

kmeans::KMeans example_model(const DenseShard& shard) {
  const Vector ones = Vector::Ones(shard.features());
  const FeatureSummary summary{1, ones, ones, ones, ones};
  kmeans::KMeans model(2, summary, shard.transform(), 1);
  model.set_centroids(test::clusters(2).rows);
  return model;
}

}  // namespace

TEST_CASE("an error in a pass of one rank is thrown alike on all", "[pass]") {
  const DenseShard shard = example_shard();
  for (int culprit = 0; culprit < world().size(); ++culprit) {
    const Index block = shard.partition().first_block_of(culprit) + 1;
    const Ending expected{ExitCode::input_rejected, sentence(block * shard.partition().block_rows)};
    REQUIRE_ALL(failing_pass(shard, culprit, world().size()) == expected);
  }
}

TEST_CASE("of errors in several ranks' passes that of the lowest is thrown", "[pass]") {
  const DenseShard shard = example_shard();
  for (const int step : {1, 2}) {
    const int lowest = world().size() / 2;
    const Index block = shard.partition().first_block_of(lowest) + 1;
    REQUIRE_ALL(failing_pass(shard, lowest, step) ==
                Ending{ExitCode::input_rejected, sentence(block * shard.partition().block_rows)});
  }
}

TEST_CASE("a pass after a failed one is whole again", "[pass]") {
  const DenseShard shard = example_shard();
  REQUIRE_ALL(failing_pass(shard, world().size() - 1, 1).code == ExitCode::input_rejected);
  Statistics sums;
  const Votes votes = accumulate(shard, world(), sums, [](const DenseBlock& block, Index, Statistics& s) {
    s.records() += static_cast<double>(block.rows());
  });
  REQUIRE_ALL(votes.local_error == 0);
  REQUIRE_ALL(sums.records() == 208);
}

TEST_CASE("all ranks learn how many broke off their pass", "[pass]") {
  const DenseShard shard = example_shard();
  for (int culprit = 0; culprit < world().size(); ++culprit) {
    Index visited = 0;
    Statistics sums;
    const auto visit = [&](const DenseBlock&, Index, Statistics&) { ++visited; };
    const bool mine = world().rank() == culprit;
    const Votes votes = accumulate(
        shard, world(), sums, visit, [] { return Votes{.stop = 1}; }, [&] { return mine && visited == 1; });
    REQUIRE_ALL(votes.incomplete == 1);
    REQUIRE_ALL(votes.stop == world().size());
    REQUIRE_ALL(visited == (mine ? 1 : shard.block_count()));
  }
}

TEST_CASE("all ranks learn what each other voted", "[pass]") {
  const DenseShard shard = example_shard();
  const auto pass = [&](const Votes& mine) {
    Statistics sums;
    return accumulate(
        shard, world(), sums, [](const DenseBlock&, Index, Statistics&) {}, [&] { return mine; });
  };
  for (int culprit = 0; culprit < world().size(); ++culprit) {
    const bool mine = world().rank() == culprit;
    const Votes stopping = pass({.stop = mine ? 1 : 0});
    REQUIRE_ALL(stopping.stop == 1);
    REQUIRE_ALL(stopping.incomplete + stopping.local_error + stopping.checkpoint_due == 0);
    const Votes due = pass({.checkpoint_due = mine ? 1 : 0});
    REQUIRE_ALL(due.checkpoint_due == 1);
    REQUIRE_ALL(due.incomplete + due.local_error + due.stop == 0);
  }
}

TEST_CASE("a fit that one rank interrupts ends on all, parameters unchanged since the last update",
          "[pass]") {
  const DenseShard shard = example_shard();
  const int last = world().size() - 1;
  kmeans::KMeans model = example_model(shard), expected = model;
  Index asked = 0;
  const Index whole_passes = 2 * shard.block_count();
  FitPlan plan{.stopping = {.max_iterations = 10}};
  plan.interrupted = [&] { return world().rank() == last && asked++ == whole_passes + 1; };
  const FitResult result = fit(model, shard, world(), plan);
  REQUIRE_ALL(result.stopped == StopReason::interrupted);
  REQUIRE_ALL(result.progress.t == 2);
  fit(expected, shard, world(), {.stopping = {.max_iterations = 2}});
  REQUIRE_ALL(save_state(model) == save_state(expected));
}

TEST_CASE("a wish to stop of any one rank stops the fit on all", "[pass]") {
  const DenseShard shard = example_shard();
  for (int culprit = 0; culprit < world().size(); ++culprit) {
    kmeans::KMeans model = example_model(shard);
    FitPlan plan{.stopping = {.max_iterations = 10}};
    plan.votes = [&] { return Votes{.stop = world().rank() == culprit ? 1 : 0}; };
    const FitResult result = fit(model, shard, world(), plan);
    REQUIRE_ALL(result.stopped == StopReason::stop_requested);
    REQUIRE_ALL(result.progress.t == 0);
  }
}

TEST_CASE("an objective that is not finite is a numerical error on all ranks", "[pass]") {
  for (const Index record : {0, 100, 207}) {
    RowMatrix rows = test::clusters(208).rows;
    rows(record, 1) = std::numeric_limits<double>::quiet_NaN();
    const DenseShard shard = test::sharded(rows, world());
    kmeans::KMeans model = example_model(shard);
    bool numerical = false;
    try {
      fit(model, shard, world(), {.stopping = {.max_iterations = 3}});
    } catch (const NumericalError&) {
      numerical = true;
    }
    REQUIRE_ALL(numerical);
  }
}

namespace {

/// k-means whose first restart meets a numerical failure in one block.
struct FailingAtFirst : kmeans::KMeans {
  Index failing_record = -1;
  void local_step(const Block& block, Cache& cache, Sums& sums) const {
    if (block.first_record == failing_record) throw NumericalError("a planted failure");
    KMeans::local_step(block, cache, sums);
  }
};

}  // namespace

TEST_CASE("a restart that fails numerically on one rank is left out on all", "[pass]") {
  const DenseShard shard = example_shard();
  for (int culprit = 0; culprit < world().size(); ++culprit) {
    const auto start = [&](Index restart, std::uint64_t) {
      const Index failing = shard.partition().first_record_of(culprit);
      return FailingAtFirst{example_model(shard), restart == 0 ? failing : -1};
    };
    const auto best = test::fit_best_of<FailingAtFirst>(2, 1, start, shard, world(), {.max_iterations = 2});
    REQUIRE_ALL(best.best.restart == 1);
    REQUIRE_ALL(best.restarts.size() == 1);
  }
}
