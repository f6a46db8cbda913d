#pragma once

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/fit/observer.hpp"
#include "jensen/fit/replicas.hpp"

namespace jensen {

/// How to run a fit: where it starts, when it stops, who watches.
struct FitPlan {
  Progress resume_from = {};
  Stopping stopping = {};
  std::vector<Observer*> observers = {};
  std::function<Votes()> votes = {};  // this rank's wishes, asked once an iteration
  Interrupt interrupted = {};
};

/// How a fit ended. `progress` ends with the evaluation of the parameters that the model now holds; after an
/// interruption it stands before that evaluation, ready to resume from.
struct FitResult {
  Progress progress = {};
  StopReason stopped = StopReason::none;
  std::vector<Repair> repairs = {};  // of all steps
};

/// THE loop: evaluate, report, decide, update.
///
/// The objective of iteration t belongs to the parameters after t global steps; iteration 0 is the start. On
/// return the model holds the parameters of the last evaluation. Throws NumericalError, on every rank, where
/// the objective is not finite, or where it fell and the plan is strict.
template <Model M, ShardOf<typename M::Block> Shard>
FitResult fit(M& model, const Shard& shard, const Communicator& comm, const FitPlan& plan) {
  auto sums = model.make_sums();
  std::vector<typename M::Cache> caches(static_cast<std::size_t>(shard.block_count()));
  const Stopwatch watch;
  const ObjectiveUnits units = model.units();
  const std::function<State()> state = [&] { return save_state(model); };
  const auto local_step = [&](const auto& block, Index i, auto& block_sums) {
    model.local_step(block, caches[static_cast<std::size_t>(i)], block_sums);
  };
  FitResult result{.progress = plan.resume_from};
  Progress& now = result.progress;
  Change change;
  for (;;) {
    model.prepare(now.t);
    const Votes votes =
        accumulate(shard, comm, sums, local_step, plan.votes ? plan.votes() : Votes{}, plan.interrupted);
#ifndef NDEBUG
    require_replicas(model, comm);
#endif
    if (votes.incomplete > 0) {
      result.stopped = StopReason::interrupted;
      return result;
    }
    const double objective = model.objective(sums);
    if (!std::isfinite(objective)) {
      throw NumericalError(
          fmt::format("the objective is {} at iteration {} (must be finite); look for records far "
                      "out of range, or raise the covariance floor",
                      objective, now.t));
    }
    const Progress before = now;
    now.record(objective, sums, votes, model.monotone(), watch.seconds());
    if (now.fell && plan.stopping.strict) {
      throw NumericalError(
          fmt::format("the objective fell by {:.3g} at iteration {} (theory promises ascent); "
                      "run without --strict to go on",
                      -now.gain(), now.t));
    }
    result.stopped = plan.stopping(now);
    const Report report{before, now, units, result.stopped, change.repairs, state};
    for (Observer* observer : plan.observers) observer->on_iteration(report);
    if (result.stopped != StopReason::none) return result;
    change = model.global_step(sums, now.t);
    now.moved(change);
    result.repairs.insert(result.repairs.end(), change.repairs.begin(), change.repairs.end());
  }
}

}  // namespace jensen
