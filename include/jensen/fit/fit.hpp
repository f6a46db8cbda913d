#pragma once

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/fit/observer.hpp"
#include "jensen/fit/replicas.hpp"
#include "jensen/fit/steps.hpp"

namespace jensen {

/// How to run a fit: where it starts, when it stops, who watches.
struct FitPlan {
  Progress resume_from = {};                    // as before the evaluation of its iteration t
  std::optional<double> resume_objective = {};  // what that evaluation gave before
  bool resume_exactly = true;  // it must give the same bits: the machine and build are the same
  Stopping stopping = {};
  std::vector<Observer*> observers = {};
  std::function<Votes()> votes = {};  // this rank's wishes, asked once an iteration
  Interrupt interrupted = {};
  GlobalStepBy global_step_by = GlobalStepBy::whoever_is_faster;
};

/// How a fit ended. `progress` ends with the evaluation of the parameters that the model now holds; after an
/// interruption it stands before that evaluation, ready to resume from.
struct FitResult {
  Progress progress = {};
  StopReason stopped = StopReason::none;
};

/// Throws CheckpointError unless a resumed fit, which stands at `now`, evaluates to the same as before: to
/// the same bits, or, between types of CPU and builds, but for rounding.
void require_same_objective(double before, double after, const Progress& now, bool exactly);

/// Hands the report to every observer.
void show(const Report& report, const std::vector<Observer*>& observers);

/// THE loop: evaluate, report, decide, update.
///
/// The objective of iteration t belongs to the parameters after t global steps; iteration 0 is the start. On
/// return the model holds the parameters of the last evaluation. Throws, on every rank, NumericalError where
/// the objective is not finite, or where it fell and the plan is strict; CheckpointError where the first
/// evaluation of a resumed fit is not what it was.
template <Model M, ShardOf<typename M::Block> Shard>
FitResult fit(M& model, const Shard& shard, const Communicator& comm, const FitPlan& plan) {
  Steps<M> steps(model, comm, plan.global_step_by);
  std::vector<typename M::Cache> caches(static_cast<std::size_t>(shard.block_count()));
  FitResult result{.progress = plan.resume_from};
  Progress& now = result.progress;
  const Stopwatch watch;
  const double earlier_seconds = now.elapsed_seconds.empty() ? 0 : now.elapsed_seconds.back();
  const ObjectiveUnits units = model.units();
  const std::function<State()> state = [&] { return save_state(model); };
  const std::function<void(Document&)> save = [&](Document& document) {
    save_parameters(model, shard, document);
  };
  const auto local_step = [&](const auto& block, Index i, auto& block_sums) {
    model.local_step(block, caches[static_cast<std::size_t>(i)], block_sums);
  };
  std::optional<double> expected = plan.resume_objective;
  Change change;
  for (;;) {
    steps.prepare(now.t);
    const Votes votes = steps.pass(blocks_for<M>(shard), local_step, plan.votes, plan.interrupted);
#ifndef NDEBUG
    require_replicas(model, comm);
#endif
    if (votes.incomplete > 0) {
      result.stopped = StopReason::interrupted;
      const Report report{now, units, votes, result.stopped, change.repairs, state, save};
      for (Observer* observer : plan.observers) observer->on_interruption(report);
      return result;
    }
    const double objective = model.objective(steps.sums());
    if (expected) require_same_objective(*expected, objective, now, plan.resume_exactly);
    expected.reset();
    if (!std::isfinite(objective)) {
      throw NumericalError(
          fmt::format("the objective is {} at iteration {} (must be finite); look for records far "
                      "out of range, or raise the covariance floor",
                      objective, now.t));
    }
    now.record(objective, steps.sums(), votes, model.monotone(), earlier_seconds + watch.seconds());
    if (now.fell && plan.stopping.strict) {
      throw NumericalError(
          fmt::format("the objective fell by {:.3g} at iteration {} (theory promises ascent); "
                      "run without --strict to go on",
                      -now.gain(), now.t));
    }
    result.stopped = plan.stopping(now);
    const Report report{now, units, votes, result.stopped, change.repairs, state, save};
    show(report, plan.observers);
    if (result.stopped != StopReason::none) return result;
    change = steps.global_step(now.t);
    now.moved(change);
  }
}

}  // namespace jensen
