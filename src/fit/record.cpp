#include "jensen/fit/record.hpp"

#include <algorithm>
#include <cmath>

namespace jensen {
namespace {

using Integers = std::vector<std::int64_t>;

void record_trace(const Progress& progress, const ObjectiveUnits& units, Document& document) {
  Integers iterations;
  std::vector<double> objectives, gains;
  for (std::size_t t = 0; t < progress.objectives.size(); ++t) {
    iterations.push_back(static_cast<std::int64_t>(t));
    objectives.push_back(units.reported(progress.objectives[t], progress.weight));
    gains.push_back(t == 0 ? 0
                           : std::abs(units.factor) * (progress.objectives[t] - progress.objectives[t - 1]));
  }
  const auto length = static_cast<Index>(iterations.size());
  document.set("/fit/trace/iteration", NdArray{{length}, iterations});
  document.set("/fit/trace/objective", objectives, {length});
  document.set("/fit/trace/gain", gains, {length});
  document.set("/fit/trace/elapsed_seconds", progress.elapsed_seconds, {length});
}

void record_repairs(const Progress& progress, Document& document) {
  std::vector<std::string> repairs;
  for (const Repair& repair : progress.repairs)
    repairs.push_back(std::to_string(repair.component) + ": " + repair.what);
  if (!repairs.empty()) document.set("/fit/repairs", NdArray{{static_cast<Index>(repairs.size())}, repairs});
  document.set_attribute("/fit", "repairs", static_cast<std::int64_t>(repairs.size()));
}

}  // namespace

void record_format(Document& document) {
  document.set_attribute("/", "format", std::string("jensen-model"));
  document.set_attribute("/", "format_version", std::int64_t{1});
  document.set_attribute("/", "program_version", std::string(JENSEN_VERSION));
}

void record_progress(const Progress& progress, const ObjectiveUnits& units, StopReason stopped,
                     Document& document) {
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, std::move(value));
  };
  if (!progress.objectives.empty()) set("objective", units.reported(progress.objective(), progress.weight));
  set("objective_name", units.name);
  set("units", units.unit);
  set("larger_is_better", std::int64_t{units.factor > 0});
  set("iteration", progress.t);
  set("total_weight", progress.weight);
  set("converged", std::int64_t{is_converged(stopped)});
  set("stop_reason", std::string(to_string(stopped)));
  set("estimated_gain", std::abs(units.factor) * estimated_gain_to_come(progress));
  set("falls", progress.falls);
  record_repairs(progress, document);
  record_trace(progress, units, document);
}

void record_restarts(const History& history, const ObjectiveUnits& units, double weight, Document& document) {
  Integers seeds, iterations, singular;
  std::vector<double> objectives, seconds;
  std::vector<std::string> reasons;
  for (const RestartRecord& restart : history.restarts) {
    seeds.push_back(static_cast<std::int64_t>(restart.seed));
    iterations.push_back(restart.iterations);
    singular.push_back(restart.singular ? 1 : 0);
    objectives.push_back(units.reported(restart.objective, weight));
    seconds.push_back(restart.elapsed_seconds);
    reasons.emplace_back(to_string(restart.stopped));
  }
  const auto count = static_cast<Index>(seeds.size());
  document.set("/fit/restarts/seed", NdArray{{count}, seeds});
  document.set("/fit/restarts/objective", objectives, {count});
  document.set("/fit/restarts/iterations", NdArray{{count}, iterations});
  document.set("/fit/restarts/stop_reason", NdArray{{count}, reasons});
  document.set("/fit/restarts/singular", NdArray{{count}, singular});
  document.set("/fit/restarts/elapsed_seconds", seconds, {count});
  document.set_attribute("/fit", "restarts", count);
  document.set_attribute("/fit", "failed_restarts", history.failed);
  if (!history.best) return;
  const double best = units.reported(history.best->record.objective, weight);
  const auto near_best = std::count_if(objectives.begin(), objectives.end(), [&](double objective) {
    return std::abs(objective - best) <= 1e-6 * std::abs(best);
  });
  document.set_attribute("/fit", "best_restart", history.best->record.restart);
  document.set_attribute("/fit", "restarts_near_best", static_cast<std::int64_t>(near_best));
}

}  // namespace jensen
