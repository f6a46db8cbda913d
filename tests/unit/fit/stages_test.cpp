#include "jensen/fit/stages.hpp"

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
const FitPlan kEvaluateOnly{.stopping = {.max_iterations = 0}};

BestOf<Planned> best_of(const std::vector<Planned>& plans, const FitPlan& plan = kEvaluateOnly) {
  return fit_best_of<Planned>(
      static_cast<Index>(plans.size()), 1,
      [&](Index r, std::uint64_t) { return plans[static_cast<std::size_t>(r)]; }, toy_shard(), Communicator(),
      plan);
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
  CHECK_THROWS_AS(best_of({-5.0, kFails}, {.stopping = {.max_iterations = 0, .strict = true}}),
                  NumericalError);
  const BestOf<Planned> all = best_of({kFails, -5.0});
  CHECK(all.restarts.back().restart == 1);
  CHECK(all.best.result.progress.objective() == -5);
}

TEST_CASE("A restart whose start fails numerically is survived and counted") {
  const auto start = [](Index r, std::uint64_t) {
    if (r == 0) throw NumericalError("no start");
    return Planned(-3);
  };
  const auto outcome = fit_best_of<Planned>(2, 1, start, toy_shard(), Communicator(), kEvaluateOnly);
  CHECK(outcome.best.restart == 1);
  CHECK(outcome.failed == 1);
}

TEST_CASE("Other errors than numerical ones are not survived") {
  const auto start = [](Index r, std::uint64_t) {
    if (r == 1) throw InputError("no start");
    return Planned(0);
  };
  CHECK_THROWS_AS(fit_best_of<Planned>(2, 1, start, toy_shard(), Communicator(), kEvaluateOnly), InputError);
}

TEST_CASE("Every restart has its own seed, the first that of a single fit; the table has a row each") {
  std::vector<std::uint64_t> seeds;
  const auto start = [&](Index r, std::uint64_t seed) {
    seeds.push_back(seed);
    return Planned(static_cast<double>(r));
  };
  Spy spy;
  FitPlan plan = kEvaluateOnly;
  plan.observers = {&spy};
  const auto all = fit_best_of<Planned>(4, 42, start, toy_shard(), Communicator(), plan);
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
  const auto all = fit_best_of<test::ToyModel>(3, 1, start, toy_shard(), Communicator(),
                                               {.stopping = {.max_iterations = 1}});
  CHECK(all.best.restart == 1);
  CHECK(all.best.model.theta() == 2.75);
  CHECK(all.best.result.progress.t == 1);
}

TEST_CASE("A request to stop ends the series with the best so far") {
  Index asked = 0;
  FitPlan plan = kEvaluateOnly;
  plan.votes = [&] { return Votes{.stop = ++asked == 2 ? 1 : 0}; };
  const BestOf<Planned> all = best_of({-1.0, -2.0, -0.5}, plan);
  CHECK(all.restarts.size() == 2);
  CHECK(all.best.restart == 0);
}

TEST_CASE("An interruption before the first evaluation of a restart keeps the best so far") {
  int left = 4;  // three blocks a pass: in the second restart
  FitPlan plan = kEvaluateOnly;
  plan.interrupted = [&] { return left-- == 0; };
  const BestOf<Planned> all = best_of({-1.0, -2.0, -0.5}, plan);
  CHECK(all.best.restart == 0);
  CHECK(all.best.result.progress.objective() == -1);
}

TEST_CASE("An interruption of the first pass of all returns the start, not evaluated") {
  FitPlan plan = kEvaluateOnly;
  plan.interrupted = [] { return true; };
  const BestOf<Planned> all = best_of({-1.0, -2.0}, plan);
  CHECK(all.best.restart == 0);
  CHECK(all.best.result.stopped == StopReason::interrupted);
  CHECK(all.best.result.progress.objectives.empty());
}
