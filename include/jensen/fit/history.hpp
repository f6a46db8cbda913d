#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/fit/archive.hpp"
#include "jensen/fit/observer.hpp"
#include "jensen/fit/progress.hpp"
#include "jensen/fit/stopping.hpp"

namespace jensen {

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

/// What the finished fits of a run have left.
struct History {
  /// The best of them, its model as state.
  struct Best {
    RestartRecord record = {};
    State model = {};
    Progress progress = {};
  };

  std::vector<RestartRecord> restarts = {};
  Index failed = 0;                // restarts that ended in a numerical failure: they have no record
  std::string first_failure = {};  // its sentence
  std::optional<Best> best = {};
  double stage_seconds = 0;  // of the current restart's finished stages

  /// `model` is asked for its state only where the fit is the best so far.
  void add(const RestartRecord& record, const std::function<State()>& model, const Progress& progress);
};

/// A run at the evaluation of an iteration, or at its end: all that is needed to go on.
struct Snapshot {
  Stage stage = {};
  bool ended = false;                    // all fits have ended; what follows the stage is then empty
  Progress progress = {};                // as before the evaluation
  std::optional<double> objective = {};  // that the evaluation gave; none where it was broken off
  State model = {};                      // as it was evaluated
  History history = {};
  std::string origin = "the checkpoint";  // where it came from, for error sentences
};

/// Every bit of a snapshot under "/state", and back; `stored_snapshot` throws InputError where something is
/// absent, of another shape, or cannot be.
void store_snapshot(const Snapshot& snapshot, Document& document);
Snapshot stored_snapshot(const Document& document);

/// Where it stands: "fit of restart 2/3, iteration 17", "the end of all fits".
std::string place_of(const Snapshot& snapshot);

/// Whether a file knows how to go on.
bool has_snapshot(const Document& document);

}  // namespace jensen
