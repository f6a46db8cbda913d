#include "jensen/fit/stopping.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace jensen;

namespace {

/// A history whose last gain is 1e-3 at an objective of -200, weight 50, largest change 1e-5.
Progress history() {
  Progress progress;
  progress.t = 2;
  progress.objectives = {-300, -200.001, -200};
  progress.changes = {1, 1e-5};
  progress.weight = 50;
  return progress;
}

}  // namespace

TEST_CASE("Each stopping rule holds alone, at its bound and not below") {
  const Progress now = history();
  const double gain = now.gain();
  CHECK(Stopping{}(now) == StopReason::none);
  CHECK(Stopping{.gain_per_weight = gain / 50 * (1 + 1e-15)}(now) == StopReason::gain_tolerance);
  CHECK(Stopping{.gain_per_weight = gain / 50 * .999}(now) == StopReason::none);
  CHECK(Stopping{.relative_gain = gain / 200 * (1 + 1e-15)}(now) == StopReason::relative_tolerance);
  CHECK(Stopping{.relative_gain = gain / 200 * .999}(now) == StopReason::none);
  CHECK(Stopping{.absolute_gain = gain}(now) == StopReason::absolute_tolerance);
  CHECK(Stopping{.absolute_gain = gain * .999}(now) == StopReason::none);
  CHECK(Stopping{.parameter_change = 1e-5}(now) == StopReason::parameter_tolerance);
  CHECK(Stopping{.parameter_change = .999e-5}(now) == StopReason::none);
  CHECK(Stopping{.stop_when_unchanged = true}(now) == StopReason::none);
  CHECK(Stopping{.max_iterations = 2}(now) == StopReason::iteration_limit_requested);
  CHECK(Stopping{.max_iterations = 3}(now) == StopReason::none);

  Progress still = now;
  still.changes.back() = 0;
  CHECK(Stopping{.stop_when_unchanged = true}(still) == StopReason::parameters_unchanged);
  CHECK(Stopping{}(still) == StopReason::none);

  Progress asked = now;
  asked.stop_requested = true;
  CHECK(Stopping{}(asked) == StopReason::stop_requested);

  Progress fallen = now;
  fallen.fell = true;
  CHECK(Stopping{.absolute_gain = 1e-9}(fallen) == StopReason::objective_fell);
  CHECK(Stopping{}(fallen) == StopReason::none);
}

TEST_CASE("Of several rules any one stops; the limit is requested only where no tolerance is set") {
  const Progress now = history();
  CHECK(Stopping{.relative_gain = 1e-12, .absolute_gain = 1}(now) == StopReason::absolute_tolerance);
  CHECK(Stopping{.gain_per_weight = 1e-12, .parameter_change = 1e-4}(now) == StopReason::parameter_tolerance);
  CHECK(Stopping{.max_iterations = 2, .absolute_gain = 1e-12}(now) == StopReason::iteration_limit);
  CHECK(Stopping{.max_iterations = 2, .stop_when_unchanged = true}(now) == StopReason::iteration_limit);
  CHECK(Stopping{.max_iterations = 2, .absolute_gain = 1}(now) == StopReason::absolute_tolerance);
}

TEST_CASE("A loss in a noisy fit counts by its size") {
  Progress now = history();
  now.objectives.back() = -200.002;
  CHECK(Stopping{.absolute_gain = 2e-3}(now) == StopReason::absolute_tolerance);
  CHECK(Stopping{.absolute_gain = 1e-4}(now) == StopReason::none);
}

TEST_CASE("No tolerance is met at the start or right after a repair; the limit is") {
  const Stopping eager{.max_iterations = 5,
                       .gain_per_weight = 1e9,
                       .relative_gain = 1e9,
                       .absolute_gain = 1e9,
                       .parameter_change = 1e9,
                       .stop_when_unchanged = true};
  Progress start;
  start.objectives = {-1};
  start.weight = 1;
  CHECK(eager(start) == StopReason::none);
  Progress repaired = history();
  repaired.last_step_repaired = true;
  CHECK(eager(repaired) == StopReason::none);
  repaired.t = 5;
  CHECK(eager(repaired) == StopReason::iteration_limit);
  Stopping none_left = eager;
  none_left.max_iterations = 0;
  CHECK(none_left(start) == StopReason::iteration_limit);
}

TEST_CASE("The rules look at the history alone: seconds and repetitions change nothing") {
  Progress slow = history();
  slow.elapsed_seconds = {1e9, 2e9, 3e9};
  const Stopping rule{.absolute_gain = 1e-2};
  CHECK(rule(slow) == rule(history()));
  CHECK(rule(history()) == rule(history()));
}

TEST_CASE("A fit has converged where a tolerance was met, and only there") {
  const std::set<StopReason> converged = {StopReason::gain_tolerance, StopReason::relative_tolerance,
                                          StopReason::absolute_tolerance, StopReason::parameter_tolerance,
                                          StopReason::parameters_unchanged};
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(StopReason::interrupted); ++i) {
    const auto reason = static_cast<StopReason>(i);
    CHECK(is_converged(reason) == converged.contains(reason));
    names.insert(to_string(reason));
  }
  CHECK(names.size() == 11);
  CHECK_FALSE(names.contains("unknown"));
}

TEST_CASE("Progress counts steps, repairs and keeps all changes") {
  Statistics total;
  total.weight() = 7;
  total.magnitude() = 3;
  Progress progress;
  progress.record(-5, total, {}, true, 0.5);
  CHECK(progress.gain() == 0);
  CHECK(progress.objective() == -5);
  CHECK(progress.weight == 7);
  CHECK(progress.magnitude == 3);
  progress.moved({.largest = 2, .repairs = {{1, "mended"}}});
  CHECK(progress.last_step_repaired);
  progress.record(-6, total, {.stop = 2}, true, 0.75);
  CHECK_FALSE(progress.fell);
  CHECK(progress.stop_requested);
  CHECK(progress.gain() == -1);
  progress.moved({.largest = 1});
  CHECK_FALSE(progress.last_step_repaired);
  CHECK(progress.repaired_steps == 1);
  progress.record(-7, total, {}, true, 1);
  CHECK(progress.fell);
  CHECK_FALSE(progress.stop_requested);
  CHECK(progress.t == 2);
  CHECK(progress.changes == std::vector<double>{2, 1});
  CHECK(progress.elapsed_seconds == std::vector<double>{0.5, 0.75, 1});
}

TEST_CASE("Aitken's estimate is exact on a geometric sequence and silent elsewhere") {
  const double ratio = GENERATE(0.1, 0.5, 0.99);
  Progress progress;
  for (int t = 0; t < 6; ++t) {
    progress.objectives.push_back(10 - 3 * std::pow(ratio, t));
    if (t < 2) {
      CHECK(estimated_gain_to_come(progress) == 0);
    } else {
      CHECK(estimated_gain_to_come(progress) == Approx(3 * std::pow(ratio, t)).epsilon(1e-9));
    }
  }
  const auto estimate = [](std::vector<double> objectives) {
    Progress p;
    p.objectives = std::move(objectives);
    return estimated_gain_to_come(p);
  };
  CHECK(estimate({0, 1, 2}) == 0);     // gains that do not shrink
  CHECK(estimate({0, 1, 3}) == 0);     // that grow
  CHECK(estimate({0, 1, 0.5}) == 0);   // a fall
  CHECK(estimate({0, -1, 0.5}) == 0);  // after a fall
  CHECK(estimate({1, 1, 1}) == 0);     // a fixed point: 0 / 0
}
