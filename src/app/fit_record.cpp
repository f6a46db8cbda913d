#include <algorithm>
#include <cmath>

#include "fit_setup.hpp"

namespace jensen::app {
namespace {

void write_trace(const FitRecord& record, Document& document) {
  const Progress& progress = record.result.progress;
  std::vector<std::int64_t> iterations;
  std::vector<double> objectives, gains;
  for (std::size_t t = 0; t < progress.objectives.size(); ++t) {
    iterations.push_back(static_cast<std::int64_t>(t));
    objectives.push_back(record.units.reported(progress.objectives[t], progress.weight));
    gains.push_back(
        t == 0 ? 0 : std::abs(record.units.factor) * (progress.objectives[t] - progress.objectives[t - 1]));
  }
  const auto length = static_cast<Index>(iterations.size());
  document.set("/fit/trace/iteration", NdArray{{length}, iterations});
  document.set("/fit/trace/objective", objectives, {length});
  document.set("/fit/trace/gain", gains, {length});
  document.set("/fit/trace/elapsed_seconds", progress.elapsed_seconds, {length});
}

void write_restarts(const FitRecord& record, Document& document) {
  std::vector<std::int64_t> seeds, iterations, singular;
  std::vector<double> objectives, seconds;
  std::vector<std::string> reasons;
  for (const RestartRecord& restart : record.restarts) {
    seeds.push_back(static_cast<std::int64_t>(restart.seed));
    iterations.push_back(restart.iterations);
    singular.push_back(restart.singular ? 1 : 0);
    objectives.push_back(record.units.reported(restart.objective, record.result.progress.weight));
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
}

/// One row, with the columns that a table of several fits would have.
void write_search(const FitSettings& settings, Index components, Document& document) {
  const auto text = [&](const char* column, const std::string& value) {
    document.set(std::string("/search/") + column, NdArray{{1}, std::vector<std::string>{value}});
  };
  const auto copy = [&](const char* column, const char* attribute) {
    if (document.has_attribute("/fit", attribute)) {
      document.set(std::string("/search/") + column,
                   std::vector{document.number_attribute("/fit", attribute)}, {1});
    }
  };
  text("family", document.has_attribute("/parameters", "family")
                     ? document.text_attribute("/parameters", "family")
                     : "");
  text("start", settings.start);
  text("stop_reason", document.text_attribute("/fit", "stop_reason"));
  document.set("/search/components", NdArray{{1}, std::vector<std::int64_t>{components}});
  document.set("/search/seed", NdArray{{1}, std::vector<std::int64_t>{settings.seed}});
  for (const char* name :
       {"objective", "log_likelihood", "free_parameters", "bic", "icl", "aic", "floor_active"})
    copy(name, name);
  copy("iterations", "iteration");
  copy("elapsed_seconds", "total_seconds");
}

}  // namespace

void write_record(const FitRecord& record, const std::string& model, Index components,
                  const FitSettings& settings, const std::vector<Option>& options, Document& document) {
  const Progress& progress = record.result.progress;
  document.set_attribute("/", "format", std::string("jensen-model"));
  document.set_attribute("/", "format_version", std::int64_t{1});
  document.set_attribute("/", "model", model);
  document.set_attribute("/", "program_version", std::string(JENSEN_VERSION));
  document.set_attribute("/config", "model", model);
  document.set_attribute("/config", "input", record.info.name());
  for (const Option& option : options) document.set_attribute("/config", option.name, option.get());

  document.set_attribute("/data", "source", record.info.name());
  document.set_attribute("/data", "records", record.info.records);
  document.set_attribute("/data", "features", record.info.features);
  document.set("/data/feature_names", NdArray{{record.info.features}, feature_names(record.info)});
  const auto& fingerprint = record.data.fingerprint;
  document.set("/fingerprint/data",
               NdArray{{2},
                       std::vector<std::int64_t>{static_cast<std::int64_t>(fingerprint[0]),
                                                 static_cast<std::int64_t>(fingerprint[1])}});
  document.set("/preprocess/shift", record.transform.shift);
  document.set("/preprocess/scale", record.transform.scale);

  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, std::move(value));
  };
  const double best =
      record.restarts.empty() ? 0 : record.units.reported(progress.objective(), progress.weight);
  const auto near_best =
      std::count_if(record.restarts.begin(), record.restarts.end(), [&](const RestartRecord& r) {
        return std::abs(record.units.reported(r.objective, progress.weight) - best) <= 1e-6 * std::abs(best);
      });
  set("components", components);
  set("objective", best);
  set("objective_name", record.units.name);
  set("units", record.units.unit);
  set("iteration", progress.t);
  set("converged", std::int64_t{is_converged(record.result.stopped)});
  set("stop_reason", std::string(to_string(record.result.stopped)));
  set("estimated_gain", std::abs(record.units.factor) * estimated_gain_to_come(progress));
  set("falls", progress.falls);
  set("repairs", static_cast<std::int64_t>(record.result.repairs.size()));
  set("restarts", static_cast<std::int64_t>(record.restarts.size()));
  set("best_restart", record.best_restart);
  set("restarts_near_best", static_cast<std::int64_t>(near_best));
  std::vector<std::string> repairs;
  for (const Repair& repair : record.result.repairs)
    repairs.push_back(std::to_string(repair.component) + ": " + repair.what);
  if (!repairs.empty()) document.set("/fit/repairs", NdArray{{static_cast<Index>(repairs.size())}, repairs});
  write_trace(record, document);
  write_restarts(record, document);
  write_search(settings, components, document);
}

}  // namespace jensen::app
