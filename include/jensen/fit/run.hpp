#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jensen/fit/fit.hpp"
#include "jensen/fit/history.hpp"

namespace jensen {

/// One or several fits that follow each other, each a stage with a name: the restarts of a mixture and the
/// k-means fit that each begins with. What they share is here, and where a run goes on from after a kill.
class Run {
 public:
  virtual ~Run() = default;

  std::vector<Observer*> observers = {};
  std::function<Votes()> votes = {};
  Interrupt interrupted = {};
  GlobalStepBy global_step_by = GlobalStepBy::whoever_is_faster;
  bool resume_exactly = true;  // see FitPlan
  History history = {};        // of the fits behind the current one

  /// Goes on from here instead of from the beginning.
  void resume_from(Snapshot snapshot) {
    history = std::move(snapshot.history);
    snapshot.history = {};
    origin_ = snapshot.origin;
    ended_ = snapshot.ended;
    if (!ended_) waiting_ = std::move(snapshot);
  }
  /// The stage to go on in, until it is reached.
  std::optional<Stage> waiting_for() const {
    return waiting_ ? std::optional(waiting_->stage) : std::nullopt;
  }

  /// Whether all fits had ended before: there is nothing to run.
  bool ended() const { return ended_; }
  /// Whether a fit was asked to stop: whoever runs stages then returns.
  bool stopped() const { return stopped_; }

  /// Gives the model a state of this run. Throws CheckpointError where a checkpoint has it of another shape:
  /// fields that are missing, of another length, or that `describe` does not list.
  template <class M>
  void restore(M& model, const State& state) const {
    restore_fields([&](Archive& archive) { model.describe(archive); }, state);
  }

  /// Runs a stage. `start(model)` gives the model, which has its final size already, its first parameters and
  /// returns what had to be repaired in doing so; it may run stages itself. If the run goes on in this very
  /// stage the model's state comes from the snapshot, and `start` is not called.
  template <Model M, ShardOf<typename M::Block> Shard, class Start>
  FitResult fit(const Stage& stage, M& model, const Shard& shard, const Communicator& comm,
                const Stopping& stopping, Start start) {
    FitPlan plan{.resume_exactly = resume_exactly,
                 .stopping = stopping,
                 .observers = observers,
                 .votes = votes,
                 .interrupted = interrupted,
                 .global_step_by = global_step_by};
    if (waiting_ && waiting_->stage == stage) {
      restore(model, waiting_->model);
      plan.resume_from = std::move(waiting_->progress);
      plan.resume_objective = waiting_->objective;
      waiting_.reset();
    } else {
      plan.resume_from.repairs = time_whole(Phase::start, [&] { return start(model); });
      if (stopped_) return {.stopped = StopReason::stop_requested};
      if (waiting_) require_stage(stage);
    }
    {
      const TimedPhase timed(Phase::files);
      for (Observer* observer : observers) observer->on_stage(stage, history);
    }
    FitResult result = jensen::fit(model, shard, comm, plan);
    stopped_ = result.stopped == StopReason::stop_requested || result.stopped == StopReason::interrupted;
    const Progress& progress = result.progress;
    if (!progress.elapsed_seconds.empty()) history.stage_seconds += progress.elapsed_seconds.back();
    return result;
  }

  /// Tells the observers that all fits have ended; `save` writes what is best of them.
  void end(const std::function<void(Document&)>& save) {
    for (Observer* observer : observers) observer->on_end(history, save);
  }

 private:
  /// Throws CheckpointError: the stage to go on in has not been met.
  [[noreturn]] void require_stage(const Stage& met) const;
  void restore_fields(const std::function<void(Archive&)>& describe, const State& state) const;

  std::string origin_;
  std::optional<Snapshot> waiting_;
  bool ended_ = false;
  bool stopped_ = false;
};

}  // namespace jensen
