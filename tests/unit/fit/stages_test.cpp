#include "support/restarts.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "unit/fit/toy_model.hpp"

using namespace jensen;
using test::Spy;
using test::toy_shard;

namespace {

/// Ends at the objective it is told, and is singular or fails as told.
struct Planned : test::ToyModel {
  Planned(double objective, bool is_degenerate = false)
      : ToyModel(0, {.objectives = {{0, objective}}}), degenerate(is_degenerate) {}
  bool singular() const { return degenerate; }
  bool degenerate;
};

const double kFails = std::numeric_limits<double>::quiet_NaN();
const Stopping kEvaluateOnly{.max_iterations = 0};

auto begin_of(const std::vector<Planned>& plans) {
  return [&plans](Index r, std::uint64_t) { return plans[static_cast<std::size_t>(r)]; };
}

test::Restarts<Planned> best_of(const std::vector<Planned>& plans, const Stopping& stopping = kEvaluateOnly) {
  return test::fit_best_of<Planned>(static_cast<Index>(plans.size()), 1, begin_of(plans), toy_shard(),
                                    Communicator(), stopping);
}

/// Runs restarts that are asked to stop.
void run_until_stopped(Run& run, const std::vector<Planned>& plans) {
  fit_restarts<Planned>(
      run, static_cast<Index>(plans.size()), 1, begin_of(plans),
      [](Planned&, Index, std::uint64_t) { return std::vector<Repair>{}; }, toy_shard(), Communicator(),
      kEvaluateOnly);
}

}  // namespace

TEST_CASE("The largest objective wins; ties go to the lowest restart") {
  CHECK(best_of({-3.0, -1.0, -2.0}).best.restart == 1);
  CHECK(best_of({-1.0, -1.0, -1.0}).best.restart == 0);
  CHECK(best_of({-2.0, -1.0, -1.0}).best.restart == 1);
}

TEST_CASE("Singular fits rank behind all sound ones, whatever their objective") {
  CHECK(best_of({{1e9, true}, {-5, false}, {2e9, true}, {-6, false}}).best.restart == 1);
  CHECK(best_of({{-5, false}, {1e9, true}}).best.restart == 0);
  CHECK(best_of({{1, true}, {3, true}, {2, true}}).best.restart == 1);
}

TEST_CASE("A restart that fails numerically is survived, unless all fail or the plan is strict") {
  CHECK(best_of({kFails, -5.0, kFails, -4.0}).best.restart == 3);
  CHECK_THROWS_AS(best_of({kFails, kFails}), NumericalError);
  CHECK_THROWS_AS(best_of({-5.0, kFails}, {.max_iterations = 0, .strict = true}), NumericalError);
  const test::Restarts<Planned> all = best_of({kFails, -5.0});
  CHECK(all.restarts.back().restart == 1);
  CHECK(all.best.result.progress.objective() == -5);
}

TEST_CASE("A restart whose start fails numerically is survived and counted") {
  const auto start = [](Index r, std::uint64_t) {
    if (r == 0) throw NumericalError("no start");
    return Planned(-3);
  };
  const auto outcome = test::fit_best_of<Planned>(2, 1, start, toy_shard(), Communicator(), kEvaluateOnly);
  CHECK(outcome.best.restart == 1);
  CHECK(outcome.failed == 1);
}

TEST_CASE("Other errors than numerical ones are not survived") {
  const auto start = [](Index r, std::uint64_t) {
    if (r == 1) throw InputError("no start");
    return Planned(0);
  };
  CHECK_THROWS_AS(test::fit_best_of<Planned>(2, 1, start, toy_shard(), Communicator(), kEvaluateOnly),
                  InputError);
}

TEST_CASE("Every restart has its own seed, the first that of a single fit; the table has a row each") {
  std::vector<std::uint64_t> seeds;
  const auto start = [&](Index r, std::uint64_t seed) {
    seeds.push_back(seed);
    return Planned(static_cast<double>(r));
  };
  Spy spy;
  Run run;
  run.observers = {&spy};
  const auto all = test::fit_best_of<Planned>(4, 42, start, toy_shard(), Communicator(), kEvaluateOnly, run);
  CHECK(seeds[0] == 42);
  CHECK(std::set<std::uint64_t>(seeds.begin(), seeds.end()).size() == 4);
  REQUIRE(all.restarts.size() == 4);
  REQUIRE(spy.stages.size() == 4);
  for (std::size_t r = 0; r < 4; ++r) {
    CHECK(all.restarts[r].restart == static_cast<Index>(r));
    CHECK(all.restarts[r].seed == seeds[r]);
    CHECK(all.restarts[r].objective == static_cast<double>(r));
    CHECK(all.restarts[r].iterations == 0);
    CHECK_FALSE(all.restarts[r].singular);
    CHECK(spy.stages[r].restart == static_cast<Index>(r));
    CHECK(spy.stages[r].restarts == 4);
  }
}

TEST_CASE("The winner is the model as its fit left it") {
  const auto start = [](Index r, std::uint64_t) { return test::ToyModel(r == 1 ? 2.5 : 100.0); };
  const auto all =
      test::fit_best_of<test::ToyModel>(3, 1, start, toy_shard(), Communicator(), {.max_iterations = 1});
  CHECK(all.best.restart == 1);
  CHECK(all.best.model.theta() == 2.75);
  CHECK(all.best.result.progress.t == 1);
}

TEST_CASE("A request to stop ends the series; what is behind the stopped restart is kept") {
  Index asked = 0;
  Run run;
  run.votes = [&] { return Votes{.stop = ++asked == 2 ? 1 : 0}; };
  run_until_stopped(run, {-1.0, -2.0, -0.5});
  CHECK(run.stopped());
  REQUIRE(run.history.restarts.size() == 1);
  CHECK(run.history.best->record.restart == 0);
}

TEST_CASE("An interruption within a pass ends the series too") {
  int left = 4;  // three blocks a pass: in the second restart
  Run run;
  run.interrupted = [&] { return left-- == 0; };
  run_until_stopped(run, {-1.0, -2.0, -0.5});
  CHECK(run.stopped());
  CHECK(run.history.restarts.size() == 1);
}

TEST_CASE("A run that had ended runs nothing") {
  Run run;
  History history;
  history.add({.restart = 1, .objective = -3}, [] { return State{}; }, {});
  run.resume_from({.ended = true, .history = history});
  int begun = 0;
  fit_restarts<Planned>(
      run, 3, 1, [&](Index, std::uint64_t) { return ++begun, Planned(0); },
      [](Planned&, Index, std::uint64_t) { return std::vector<Repair>{}; }, toy_shard(), Communicator(),
      kEvaluateOnly);
  CHECK(begun == 0);
  CHECK(run.history.restarts.size() == 1);
}

TEST_CASE("A run that goes on in a stage that is never met says so instead of beginning anew") {
  Run run;
  run.resume_from({.stage = {"k-means", 1, 2}});
  CHECK_THROWS_AS(run_until_stopped(run, {-1.0, -2.0}), CheckpointError);
}
