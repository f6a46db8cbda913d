#include "fit_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace jensen::app {
namespace {

struct PhaseName {
  const char* key;
  const char* text;
  bool of_an_iteration;
};

/// In order of `Phase`.
constexpr std::array<PhaseName, kPhases> kNames = {{
    {"block", "block preparation", true},
    {"features", "features", true},
    {"products", "products", true},
    {"softmax", "softmax", true},
    {"sums", "sums", true},
    {"reduction", "reduction", true},
    {"global_step", "global step", true},
    {"local_step", "local step, the rest", true},
    {"files", "files written, progress", false},
    {"reading", "reading the data", false},
    {"start", "first parameters", false},
    {"other", "other", false},
}};

double total_seconds(const PhaseTimes& times) {
  double total = 0;
  for (const PhaseTimes::Row& row : times.rows) total += row.seconds;
  return total;
}

double milliseconds_each(double seconds, const PhaseTimes& times) {
  return 1e3 * seconds / static_cast<double>(std::max<std::int64_t>(times.iterations, 1));
}

}  // namespace

FitProfile::FitProfile(bool wanted) {
  if (wanted) Profile::in_use = &profile_.emplace();
}

FitProfile::~FitProfile() {
  if (profile_) Profile::in_use = nullptr;
}

std::optional<PhaseTimes> FitProfile::gather(const Communicator& comm) {
  if (!profile_) return std::nullopt;
  profile_->change_to(profile_->change_to(Phase::other));
  const auto mine = profile_->seconds();
  const std::vector<double> all = comm.all_gather(std::span<const double>(mine));
  PhaseTimes times{.iterations = profile_->iterations(), .ranks = comm.size()};
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    PhaseTimes::Row row{.seconds = all[phase], .slowest_seconds = all[phase]};
    for (int rank = 1; rank < comm.size(); ++rank) {
      const double seconds = all[static_cast<std::size_t>(rank) * kPhases + phase];
      if (seconds > row.slowest_seconds) row.slowest_seconds = seconds, row.slowest_rank = rank;
    }
    times.rows.push_back(row);
  }
  return times;
}

Table profile_table(const PhaseTimes& times) {
  const double total = total_seconds(times);
  Table table{.header = {"phase", "seconds", "share", "ms per iteration"}};
  if (times.ranks > 1) table.header.insert(table.header.end(), {"slowest rank's", "rank"});
  const auto add = [&](const std::string& text, const PhaseTimes::Row& row, bool each) {
    std::vector<std::string> cells = {
        text, fmt::format("{:.3f}", row.seconds), fmt::format("{:.1f}%", 100 * row.seconds / total),
        each ? fmt::format("{:.3f}", milliseconds_each(row.seconds, times)) : ""};
    if (times.ranks > 1) {
      cells.push_back(fmt::format("{:.3f}", row.slowest_seconds));
      cells.push_back(std::to_string(row.slowest_rank));
    }
    table.rows.push_back(std::move(cells));
  };
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (times.rows[phase].slowest_seconds > 0)
      add(kNames[phase].text, times.rows[phase], kNames[phase].of_an_iteration);
  }
  table.rows.push_back({"all", fmt::format("{:.3f}", total), "100.0%", ""});
  table.rows.back().resize(table.header.size());
  return table;
}

Json profile_json(const PhaseTimes& times) {
  const double total = total_seconds(times);
  Json phases = Json::object();
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    const PhaseTimes::Row& row = times.rows[phase];
    Json& entry = phases[kNames[phase].key];
    entry["seconds"] = row.seconds;
    entry["share"] = row.seconds / total;
    if (kNames[phase].of_an_iteration)
      entry["milliseconds_per_iteration"] = milliseconds_each(row.seconds, times);
    entry["slowest_seconds"] = row.slowest_seconds;
    entry["slowest_rank"] = row.slowest_rank;
  }
  return {{"iterations", times.iterations}, {"ranks", times.ranks}, {"phases", std::move(phases)}};
}

}  // namespace jensen::app
