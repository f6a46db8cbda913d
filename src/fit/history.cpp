#include "jensen/fit/history.hpp"

#include <fmt/format.h>
#include <limits>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

using Integers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

const std::string kRun = "/state/run";
constexpr double kNotEvaluated = -std::numeric_limits<double>::infinity();  // no evaluation gives it
const std::string kProgress = "/state/progress";
const std::string kBest = "/state/best";

template <class T>
void set(Document& document, const std::string& path, std::vector<T> values) {
  const auto size = static_cast<Index>(values.size());
  document.set(path, NdArray{{size}, std::move(values)});
}

template <class T>
std::vector<T> get(const Document& document, const std::string& path) {
  const auto* values = std::get_if<std::vector<T>>(&document.array(path).values);
  if (values == nullptr)
    throw InputError(fmt::format("'{}' is of another type than it was written with", path));
  return *values;
}

bool flag(const Document& document, const std::string& group, const char* name) {
  return document.integer_attribute(group, name) != 0;
}

void store_progress(const Progress& progress, const std::string& group, Document& document) {
  const auto attribute = [&](const char* name, Document::Scalar value) {
    document.set_attribute(group, name, std::move(value));
  };
  attribute("t", progress.t);
  attribute("weight", progress.weight);
  attribute("magnitude", progress.magnitude);
  attribute("repaired_steps", progress.repaired_steps);
  attribute("last_step_repaired", std::int64_t{progress.last_step_repaired});
  attribute("falls", progress.falls);
  attribute("fell", std::int64_t{progress.fell});
  set(document, group + "/objectives", progress.objectives);
  set(document, group + "/changes", progress.changes);
  set(document, group + "/elapsed_seconds", progress.elapsed_seconds);
  Integers components, iterations;
  Texts what;
  for (const Repair& repair : progress.repairs) {
    components.push_back(repair.component);
    iterations.push_back(repair.iteration);
    what.push_back(repair.what);
  }
  set(document, group + "/repairs/component", components);
  set(document, group + "/repairs/iteration", iterations);
  set(document, group + "/repairs/what", what);
}

/// `evaluated`: of the parameters at iteration t.
Progress stored_progress(const Document& document, const std::string& group, bool evaluated) {
  Progress progress;
  progress.t = document.integer_attribute(group, "t");
  progress.weight = document.number_attribute(group, "weight");
  progress.magnitude = document.number_attribute(group, "magnitude");
  progress.repaired_steps = document.integer_attribute(group, "repaired_steps");
  progress.last_step_repaired = flag(document, group, "last_step_repaired");
  progress.falls = document.integer_attribute(group, "falls");
  progress.fell = flag(document, group, "fell");
  progress.objectives = get<double>(document, group + "/objectives");
  progress.changes = get<double>(document, group + "/changes");
  progress.elapsed_seconds = get<double>(document, group + "/elapsed_seconds");
  const auto steps = static_cast<std::size_t>(progress.t), evaluations = steps + (evaluated ? 1 : 0);
  if (progress.t < 0 || progress.changes.size() != steps || progress.objectives.size() != evaluations ||
      progress.elapsed_seconds.size() != evaluations) {
    throw InputError(fmt::format("'{}' has {} changes, {} objectives and {} times at iteration {}", group,
                                 progress.changes.size(), progress.objectives.size(),
                                 progress.elapsed_seconds.size(), progress.t));
  }
  const auto components = get<std::int64_t>(document, group + "/repairs/component");
  const auto iterations = get<std::int64_t>(document, group + "/repairs/iteration");
  const auto what = get<std::string>(document, group + "/repairs/what");
  if (iterations.size() != components.size() || what.size() != components.size()) {
    throw InputError(fmt::format("the arrays in '{}/repairs' differ in length", group));
  }
  for (std::size_t i = 0; i < what.size(); ++i) {
    progress.repairs.push_back({components[i], what[i], iterations[i]});
  }
  return progress;
}

void store_records(const std::vector<RestartRecord>& records, const std::string& group, Document& document) {
  Integers restart, seed, iterations, stopped, singular;
  std::vector<double> objective, seconds;
  for (const RestartRecord& record : records) {
    restart.push_back(record.restart);
    seed.push_back(static_cast<std::int64_t>(record.seed));
    objective.push_back(record.objective);
    iterations.push_back(record.iterations);
    stopped.push_back(static_cast<std::int64_t>(record.stopped));
    singular.push_back(record.singular ? 1 : 0);
    seconds.push_back(record.elapsed_seconds);
  }
  set(document, group + "/restart", restart);
  set(document, group + "/seed", seed);
  set(document, group + "/objective", objective);
  set(document, group + "/iterations", iterations);
  set(document, group + "/stopped", stopped);
  set(document, group + "/singular", singular);
  set(document, group + "/elapsed_seconds", seconds);
}

std::vector<RestartRecord> stored_records(const Document& document, const std::string& group) {
  const auto restart = get<std::int64_t>(document, group + "/restart");
  const auto seed = get<std::int64_t>(document, group + "/seed");
  const auto objective = get<double>(document, group + "/objective");
  const auto iterations = get<std::int64_t>(document, group + "/iterations");
  const auto stopped = get<std::int64_t>(document, group + "/stopped");
  const auto singular = get<std::int64_t>(document, group + "/singular");
  const auto seconds = get<double>(document, group + "/elapsed_seconds");
  const std::size_t count = restart.size();
  for (const std::size_t length :
       {seed.size(), objective.size(), iterations.size(), stopped.size(), singular.size(), seconds.size()}) {
    if (length != count) throw InputError(fmt::format("the arrays in '{}' differ in length", group));
  }
  std::vector<RestartRecord> records;
  for (const std::int64_t reason : stopped) {
    if (reason < 0 || reason > static_cast<std::int64_t>(StopReason::interrupted))
      throw InputError(fmt::format("'{}/stopped' holds {}, which is no reason to stop", group, reason));
  }
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back({restart[i], static_cast<std::uint64_t>(seed[i]), objective[i], iterations[i],
                       static_cast<StopReason>(stopped[i]), singular[i] != 0, seconds[i]});
  }
  return records;
}

}  // namespace

void History::add(const RestartRecord& record, const std::function<State()>& model,
                  const Progress& progress) {
  restarts.push_back(record);
  if (!best || beats(record, best->record)) best = Best{record, model(), progress};
}

void store_snapshot(const Snapshot& snapshot, Document& document) {
  const History& history = snapshot.history;
  document.set_attribute(kRun, "ended", std::int64_t{snapshot.ended});
  document.set_attribute(kRun, "stage", snapshot.stage.name);
  document.set_attribute(kRun, "restart", snapshot.stage.restart);
  document.set_attribute(kRun, "restarts", snapshot.stage.restarts);
  document.set_attribute(kRun, "failed", history.failed);
  document.set_attribute(kRun, "first_failure", history.first_failure);
  document.set_attribute(kRun, "stage_seconds", history.stage_seconds);
  store_records(history.restarts, kRun + "/restarts", document);
  if (!snapshot.ended) {
    document.set_attribute(kProgress, "objective", snapshot.objective.value_or(kNotEvaluated));
    store_progress(snapshot.progress, kProgress, document);
    store_state(snapshot.model, document, "/state");
  }
  if (!history.best) return;
  if (snapshot.ended) store_state(history.best->model, document, "/state");  // a model to use, as in any file
  store_records({history.best->record}, kBest + "/record", document);
  store_progress(history.best->progress, kBest + "/progress", document);
  store_state(history.best->model, document, kBest + "/model");
}

Snapshot stored_snapshot(const Document& document) {
  Snapshot snapshot{.origin = document.origin};
  History& history = snapshot.history;
  snapshot.ended = flag(document, kRun, "ended");
  snapshot.stage = {document.text_attribute(kRun, "stage"), document.integer_attribute(kRun, "restart"),
                    document.integer_attribute(kRun, "restarts")};
  const Stage& stage = snapshot.stage;
  if (stage.restart < 0 || stage.restart >= stage.restarts)
    throw InputError(fmt::format("'{}' stands in restart {} of {}", kRun, stage.restart + 1, stage.restarts));
  history.failed = document.integer_attribute(kRun, "failed");
  history.first_failure = document.text_attribute(kRun, "first_failure");
  history.stage_seconds = document.number_attribute(kRun, "stage_seconds");
  history.restarts = stored_records(document, kRun + "/restarts");
  if (!snapshot.ended) {
    const double objective = document.number_attribute(kProgress, "objective");
    if (objective != kNotEvaluated) snapshot.objective = objective;
    snapshot.progress = stored_progress(document, kProgress, false);
    snapshot.model = stored_state(document, "/state");
  }
  if (document.has(kBest + "/record/restart")) {
    const auto records = stored_records(document, kBest + "/record");
    if (records.size() != 1)
      throw InputError(fmt::format("'{}/record' has {} rows (must be 1)", kBest, records.size()));
    history.best = History::Best{records.front(), stored_state(document, kBest + "/model"),
                                 stored_progress(document, kBest + "/progress", true)};
  }
  return snapshot;
}

std::string place_of(const Snapshot& snapshot) {
  const Stage& stage = snapshot.stage;
  if (snapshot.ended) return "the end of all fits";
  const std::string restart =
      stage.restarts > 1 ? fmt::format(" of restart {}/{}", stage.restart + 1, stage.restarts) : "";
  return fmt::format("{}{}, iteration {}", stage.name, restart, snapshot.progress.t);
}

bool has_snapshot(const Document& document) {
  return document.has_attribute(kRun, "stage");
}

}  // namespace jensen
