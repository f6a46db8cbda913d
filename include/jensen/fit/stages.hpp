#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "jensen/core/random.hpp"
#include "jensen/fit/fit.hpp"

namespace jensen {

/// A fit that has ended, with the parameters it ended at.
template <class M>
struct Finished {
  M model;
  FitResult result;
  Index restart = 0;
};

/// One row of the table of restarts.
struct RestartRecord {
  Index restart = 0;
  std::uint64_t seed = 0;
  double objective = 0;  // internal
  Index iterations = 0;
  StopReason stopped = StopReason::none;
  bool singular = false;
  double elapsed_seconds = 0;
};

/// Whether fit a beats fit b: a sound fit before a singular one, then the larger objective; ties keep b.
inline bool beats(const RestartRecord& a, const RestartRecord& b) {
  if (a.singular != b.singular) return b.singular;
  return a.objective > b.objective;
}

template <class M>
struct BestOf {
  Finished<M> best;
  std::vector<RestartRecord> restarts;
  Index failed = 0;  // restarts that ended in a numerical failure: they have no record
};

/// Fits from several starts, one after another, and keeps the best. `start(r, seed)` makes the model of
/// restart r; every rank makes the same one. A restart that fails numerically is counted and left out; if all
/// fail, the first failure is thrown.
template <class M, class Shard, class Start>
BestOf<M> fit_best_of(Index restarts, std::uint64_t seed, Start start, const Shard& shard,
                      const Communicator& comm, const FitPlan& plan) {
  std::optional<Finished<M>> best;
  std::exception_ptr failure;
  std::vector<RestartRecord> records;
  std::size_t best_record = 0;
  Index failed = 0;
  for (Index r = 0; r < restarts; ++r) {
    const Stopwatch watch;
    const std::uint64_t restart_key = restart_seed(seed, r);
    try {
      M model = start(r, restart_key);
      for (Observer* observer : plan.observers) observer->on_stage({"fit", r, restarts});
      FitResult result = fit(model, shard, comm, plan);
      const Progress& progress = result.progress;
      const bool evaluated = !progress.objectives.empty();  // not interrupted in its first pass
      if (evaluated) {
        records.push_back({r, restart_key, progress.objective(), progress.t, result.stopped,
                           is_singular(model), watch.seconds()});
      }
      const bool stopping =
          result.stopped == StopReason::stop_requested || result.stopped == StopReason::interrupted;
      if (!best || (evaluated && beats(records.back(), records[best_record]))) {
        best_record = records.empty() ? 0 : records.size() - 1;
        best = Finished<M>{std::move(model), std::move(result), r};
      }
      if (stopping) break;
    } catch (const NumericalError&) {
      if (plan.stopping.strict) throw;
      if (failed++ == 0) failure = std::current_exception();
    }
  }
  if (!best) std::rethrow_exception(failure);
  return {std::move(*best), std::move(records), failed};
}

}  // namespace jensen
