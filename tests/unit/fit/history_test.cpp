#include "jensen/fit/history.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <limits>

#include "jensen/core/error.hpp"
#include "support/snapshots.hpp"

using namespace jensen;
using test::bits_of;

namespace {

const double kTiny = std::numeric_limits<double>::denorm_min();
const double kThird = 1.0 / 3;

State model_state() {
  return {.numbers = {{"means", {kThird, -0.0, kTiny, -1e308}}, {"empty", {}}},
          .integers = {{"order", {3, -1, std::numeric_limits<Index>::max()}}, {"none", {}}}};
}

Progress progress_at(Index t, bool evaluated) {
  Progress progress{.t = t, .weight = 300.1, .magnitude = 1e5 * kThird};
  for (Index i = 0; i < t; ++i) {
    progress.objectives.push_back(-1e4 + kThird * static_cast<double>(i));
    progress.changes.push_back(kThird / static_cast<double>(i + 1));
    progress.elapsed_seconds.push_back(0.1 * static_cast<double>(i));
  }
  if (evaluated) progress.objectives.push_back(-9e3), progress.elapsed_seconds.push_back(1.5);
  return progress;
}

RestartRecord record_of(Index restart, StopReason stopped) {
  return {.restart = restart,
          .seed = 0xfedcba9876543210,  // beyond the signed numbers
          .objective = -kThird,
          .iterations = 12,
          .stopped = stopped,
          .singular = restart == 1,
          .elapsed_seconds = 0.25};
}

/// Every field has a value of its own.
Snapshot full_snapshot() {
  Snapshot snapshot{.stage = {"k-means", 2, 5},
                    .progress = progress_at(7, false),
                    .objective = -1e4 * kThird,
                    .model = model_state()};
  Progress& progress = snapshot.progress;
  progress.repairs = {{1, "a mean moved", 3}, {-1, "", 0}, {0, "\"quoted\", é\n", 7}};
  progress.repaired_steps = 2;
  progress.last_step_repaired = true;
  progress.falls = 4;
  progress.fell = true;
  History& history = snapshot.history;
  history.restarts = {record_of(0, StopReason::gain_tolerance), record_of(1, StopReason::objective_fell)};
  history.failed = 1;
  history.first_failure = "the objective is nan at iteration 4";
  history.best = History::Best{history.restarts.front(), model_state(), progress_at(12, true)};
  history.best->model.numbers["means"][0] = 17;
  history.best->progress.repairs = {{2, "floor", 5}};
  history.stage_seconds = 2.75;
  return snapshot;
}

Document stored(const Snapshot& snapshot) {
  Document document;
  store_snapshot(snapshot, document);
  return document;
}

/// The document without an array or attribute ("/group@name").
Document without(const Document& document, const std::string& what) {
  Document rest;
  for (const auto& [path, array] : document.arrays()) {
    if (path != what) rest.set(path, array);
  }
  for (const auto& [path, attributes] : document.attributes()) {
    for (const auto& [name, value] : attributes) {
      if (path + "@" + name != what) rest.set_attribute(path, name, value);
    }
  }
  return rest;
}

void require_refused(const Document& document, const std::string& part) {
  CHECK_THROWS_AS(stored_snapshot(document), InputError);
  CHECK_THROWS_WITH(stored_snapshot(document), Catch::Matchers::Contains(part));
}

}  // namespace

TEST_CASE("A snapshot comes back with every bit of every field") {
  const Snapshot snapshot = full_snapshot();
  const Document document = stored(snapshot);
  CHECK(has_snapshot(document));
  const Snapshot back = stored_snapshot(document);
  CHECK(bits_of(back) == bits_of(snapshot));
  CHECK(back.progress.repairs[2].what == snapshot.progress.repairs[2].what);
  CHECK(back.history.restarts[1].seed == 0xfedcba9876543210);
  CHECK(back.history.first_failure == snapshot.history.first_failure);
  CHECK(std::signbit(back.model.numbers.at("means")[1]));
}

TEST_CASE("A snapshot of the very beginning comes back: nothing behind it, nothing evaluated") {
  const Snapshot snapshot{.objective = -5, .model = {.numbers = {{"theta", {2}}}}};
  const Snapshot back = stored_snapshot(stored(snapshot));
  CHECK(bits_of(back) == bits_of(snapshot));
  CHECK_FALSE(back.history.best);
  CHECK(back.history.restarts.empty());
  CHECK(back.progress.objectives.empty());
  CHECK(back.stage == Stage{"fit", 0, 1});
}

TEST_CASE("A snapshot of a run that has ended holds its history, and its best model as any file does") {
  Snapshot snapshot = full_snapshot();
  snapshot.ended = true;
  const Document document = stored(snapshot);
  CHECK_FALSE(document.has("/state/progress/objectives"));
  CHECK(stored_state(document) == snapshot.history.best->model);
  const Snapshot back = stored_snapshot(document);
  CHECK(back.ended);
  snapshot.progress = {}, snapshot.model = {}, snapshot.objective = {};
  CHECK(bits_of(back) == bits_of(snapshot));
}

TEST_CASE("A snapshot says where it stands") {
  Snapshot snapshot = full_snapshot();
  CHECK(place_of(snapshot) == "k-means of restart 3/5, iteration 7");
  snapshot.ended = true;
  CHECK(place_of(snapshot) == "the end of all fits");
  CHECK(place_of({}) == "fit, iteration 0");
}

TEST_CASE("Every stop reason comes back") {
  for (int reason = 0; reason <= static_cast<int>(StopReason::interrupted); ++reason) {
    Snapshot snapshot = full_snapshot();
    snapshot.history.restarts[0].stopped = static_cast<StopReason>(reason);
    CHECK(stored_snapshot(stored(snapshot)).history.restarts[0].stopped == static_cast<StopReason>(reason));
  }
}

TEST_CASE("A snapshot that lacks anything is refused, and what it lacks is named") {
  const Document whole = stored(full_snapshot());
  for (const auto& [path, array] : whole.arrays()) {
    const bool of_model = path.starts_with("/state/best/model/") || path.find('/', 7) == std::string::npos;
    const bool tells_of_best = path == "/state/best/record/restart";
    if (of_model || tells_of_best) continue;
    INFO(path);
    require_refused(without(whole, path), path);
  }
  for (const auto& [path, attributes] : whole.attributes()) {
    for (const auto& [name, value] : attributes) {
      INFO(path << "@" << name);
      require_refused(without(whole, path + "@" + name), name);
    }
  }
  CHECK_FALSE(has_snapshot(without(whole, "/state/run@stage")));
}

TEST_CASE("A snapshot whose arrays do not go together is refused") {
  const Document whole = stored(full_snapshot());
  const auto with = [&](const std::string& path, NdArray array) {
    Document document = whole;
    document.set(path, std::move(array));
    return document;
  };
  const NdArray two_numbers{{2}, std::vector<double>{1, 2}};
  const NdArray three_integers{{3}, std::vector<std::int64_t>{1, 2, 3}};
  for (const std::string group : {"/state/progress", "/state/best/progress"}) {
    for (const char* const name : {"/objectives", "/changes", "/elapsed_seconds"}) {
      require_refused(with(group + name, two_numbers), group);
      require_refused(with(group + name, three_integers), group + name);
    }
    require_refused(with(group + "/repairs/iteration", {{0}, std::vector<std::int64_t>{}}), group);
    require_refused(with(group + "/repairs/what", {{2}, std::vector<std::string>{"one", "two"}}), group);
  }
}

TEST_CASE("A snapshot with impossible values is refused") {
  const auto require_refused_after = [](auto change, const std::string& part) {
    Document document = stored(full_snapshot());
    change(document);
    require_refused(document, part);
  };
  const auto integers = [](std::vector<std::int64_t> values) {
    return NdArray{{static_cast<Index>(values.size())}, std::move(values)};
  };
  require_refused_after(
      [&](Document& d) {
        d.set("/state/run/restarts/seed", integers({1, 2, 3}));
      },
      "'/state/run/restarts' differ in length");
  require_refused_after(
      [&](Document& d) {
        d.set("/state/run/restarts/stopped", integers({1, 99}));
      },
      "99, which is no reason to stop");
  require_refused_after(
      [&](Document& d) {
        d.set("/state/run/restarts/stopped", integers({-1, 1}));
      },
      "-1, which is no reason to stop");
  require_refused_after([&](Document& d) { d.set_attribute("/state/progress", "t", std::int64_t{-1}); },
                        "at iteration -1");
  require_refused_after([&](Document& d) { d.set_attribute("/state/progress", "t", std::int64_t{8}); },
                        "7 changes, 7 objectives and 7 times at iteration 8");
  require_refused_after([&](Document& d) { d.set_attribute("/state/run", "restart", std::int64_t{5}); },
                        "restart 6 of 5");
  require_refused_after([&](Document& d) { d.set_attribute("/state/run", "restart", std::int64_t{-1}); },
                        "restart 0 of 5");
  require_refused_after([&](Document& d) { d.set_attribute("/state/run", "stage", 1.5); }, "stage");
  require_refused_after(
      [&](Document& d) {
        for (const char* const name : {"restart", "seed", "iterations", "stopped", "singular"})
          d.set(std::string("/state/best/record/") + name, integers({1, 1}));
        for (const char* const name : {"objective", "elapsed_seconds"})
          d.set(std::string("/state/best/record/") + name, NdArray{{2}, std::vector<double>{1, 1}});
      },
      "2 rows (must be 1)");
}

TEST_CASE("History keeps the best fit: sound before singular, then the larger objective, ties the first") {
  History history;
  int asked = 0;
  const auto add = [&](Index restart, double objective, bool singular) {
    history.add({.restart = restart, .objective = objective, .singular = singular},
                [&] {
                  return ++asked, State{.numbers = {{"theta", {objective}}}};
                },
                {.t = restart});
    return history.best->record.restart;
  };
  CHECK(add(0, 5, true) == 0);
  CHECK(add(1, -7, false) == 1);
  CHECK(add(2, 9, true) == 1);
  CHECK(add(3, -7, false) == 1);
  CHECK(add(4, -6, false) == 4);
  CHECK(asked == 3);  // only where the fit was the best
  CHECK(history.best->model.numbers.at("theta")[0] == -6);
  CHECK(history.best->progress.t == 4);
  CHECK(history.restarts.size() == 5);
}
