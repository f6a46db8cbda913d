#pragma once

#include <functional>
#include <string>

#include "jensen/fit/archive.hpp"
#include "jensen/fit/stopping.hpp"

namespace jensen {

/// Where a fit stands in the run: one of several fits that follow each other.
struct Stage {
  std::string name = "fit";  // "fit", "k-means"
  Index restart = 0;
  Index restarts = 1;
};

/// What the loop tells after each evaluation; the same on every rank.
struct Report {
  const Progress& before;  // as it was before this evaluation: what a checkpoint stores
  const Progress& now;
  const ObjectiveUnits& units;
  StopReason stopped = StopReason::none;
  const std::vector<Repair>& repairs;   // of the global step that led here
  const std::function<State()>& state;  // the model's persistent state at `now`

  double reported_objective() const { return units.reported(now.objective(), now.weight); }
};

/// Looks on: progress lines, traces, checkpoints. Every rank runs its observers on the agreed report.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_stage(const Stage&) {}
  virtual void on_iteration(const Report&) {}
};

}  // namespace jensen
