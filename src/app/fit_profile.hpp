#pragma once

#include <optional>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/core/table.hpp"
#include "json.hpp"

namespace jensen::app {

/// Where the time of a fit went, by phase: of this rank and of the rank that spent most on it.
struct PhaseTimes {
  struct Row {
    double seconds = 0;  // of rank 0
    double slowest_seconds = 0;
    int slowest_rank = 0;
  };
  std::int64_t iterations = 0;
  int ranks = 1;
  std::vector<Row> rows = {};  // in order of `Phase`
};

/// Keeps the process's profile in use as long as it lives, if it is wanted.
class FitProfile {
 public:
  explicit FitProfile(bool wanted);
  ~FitProfile();
  FitProfile(const FitProfile&) = delete;
  FitProfile& operator=(const FitProfile&) = delete;

  /// What the ranks have spent up to now; nothing if it is not wanted. Collective.
  std::optional<PhaseTimes> gather(const Communicator& comm);

 private:
  std::optional<Profile> profile_;
};

/// Phases that took time, those of an iteration first.
Table profile_table(const PhaseTimes& times);
/// All phases, by name.
Json profile_json(const PhaseTimes& times);

}  // namespace jensen::app
