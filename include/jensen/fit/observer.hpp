#pragma once

#include <functional>
#include <string>

#include "jensen/fit/archive.hpp"
#include "jensen/fit/stopping.hpp"

namespace jensen {

/// Where a fit stands in the run: one of several fits that follow each other.
struct Stage {
  std::string name = "fit";  // the fit that was asked for; of its start: "k-means"
  Index restart = 0;
  Index restarts = 1;

  friend bool operator==(const Stage&, const Stage&) = default;
};

/// What the loop tells after each evaluation; the same on every rank but for clocks.
struct Report {
  const Progress& now;
  const ObjectiveUnits& units;
  const Votes& votes;  // of all ranks
  StopReason stopped = StopReason::none;
  const std::vector<Repair>& repairs;          // of the global step that led here
  const std::function<State()>& state;         // the model's persistent state at `now`
  const std::function<void(Document&)>& save;  // writes the model's parameters, where it has such a function

  double reported_objective() const { return units.reported(now.objective(), now.weight); }
};

struct History;

/// Looks on: progress lines, traces, checkpoints. Every rank runs its observers on the agreed report.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A fit begins or goes on; `history`, of the fits behind it, stays valid and unchanged until the next.
  virtual void on_stage(const Stage&, const History& /*history*/) {}
  virtual void on_iteration(const Report&) {}
  /// The evaluation of iteration `now.t` was broken off: `now` is as before it.
  virtual void on_interruption(const Report&) {}
  /// All fits of the run have ended; `save` writes the best one's parameters and record.
  virtual void on_end(const History&, const std::function<void(Document&)>& /*save*/) {}
};

}  // namespace jensen
