#pragma once

#include <utility>

#include "jensen/core/random.hpp"
#include "jensen/fit/record.hpp"
#include "jensen/fit/run.hpp"

namespace jensen {

/// A fit that has ended, with the parameters it ended at.
template <class M>
struct Finished {
  M model;
  FitResult result;
  Index restart = 0;
};

/// The best of a run that has ended; `make` as below.
template <Model M, class Make>
Finished<M> best_of(const Run& run, Make make) {
  const History::Best& best = run.history.best.value();
  M model = make(best.record.restart, best.record.seed);
  run.restore(model, best.model);
  model.prepare(best.progress.t);
  return {std::move(model), {best.progress, best.record.stopped}, best.record.restart};
}

/// Fits from several starts, one after another, and keeps the best in `run.history`.
///
/// `make(r, seed)` makes a model of the final size for restart r, `start(model, r, seed)` gives it its first
/// parameters and returns what it had to repair; every rank does the same. A restart that fails numerically
/// is counted and left out; if all fail, NumericalError has the first failure's sentence. Returns early if
/// the run was asked to stop.
template <Model M, class Shard, class Make, class Start>
void fit_restarts(Run& run, Index restarts, std::uint64_t seed, Make make, Start start, const Shard& shard,
                  const Communicator& comm, const Stopping& stopping) {
  if (run.ended()) return;
  History& history = run.history;
  const auto waiting = run.waiting_for();
  for (Index r = waiting ? waiting->restart : 0; r < restarts; ++r) {
    if (!run.waiting_for()) history.stage_seconds = 0;
    const std::uint64_t key = restart_seed(seed, r);
    try {
      M model = make(r, key);
      const FitResult result = run.fit({"fit", r, restarts}, model, shard, comm, stopping,
                                       [&](M& fresh) { return start(fresh, r, key); });
      if (run.stopped()) return;
      const Progress& progress = result.progress;
      history.add(
          {r, key, progress.objective(), progress.t, result.stopped, is_singular(model),
           history.stage_seconds},
          [&] { return save_state(model); }, progress);
    } catch (const NumericalError& error) {
      if (stopping.strict) throw;
      if (history.failed++ == 0) history.first_failure = error.what();
    }
  }
  if (!history.best) throw NumericalError(history.first_failure);
  run.end([&](Document& document) {
    const Finished<M> best = best_of<M>(run, make);
    save_parameters(best.model, shard, document);
    const Progress& progress = best.result.progress;
    record_progress(progress, best.model.units(), best.result.stopped, document);
    record_restarts(history, best.model.units(), progress.weight, document);
  });
}

}  // namespace jensen
