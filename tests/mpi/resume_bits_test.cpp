#include <iostream>

#include "support/fit_case.hpp"
#include "support/snapshots.hpp"
#include "support/world.hpp"

using namespace jensen;
using test::Clocks;
using test::FitCase;
using test::FitOutcome;
using test::Sample;

namespace {

/// Takes a snapshot at every report of every stage, through a document as checkpoints do, and one at the end.
class Snapshots : public Observer {
 public:
  std::vector<Snapshot> taken;

  void on_stage(const Stage& stage, const History& history) override {
    stage_ = stage;
    history_ = &history;
  }
  void on_iteration(const Report& report) override {
    take({.stage = stage_,
          .progress = report.now.before_evaluation(),
          .objective = report.now.objective(),
          .model = report.state(),
          .history = *history_});
  }
  void on_end(const History& history, const std::function<void(Document&)>&) override {
    take({.stage = stage_, .ended = true, .history = history});
  }

 private:
  void take(const Snapshot& snapshot) {
    Document document;
    store_snapshot(snapshot, document);
    taken.push_back(stored_snapshot(document));
  }

  Stage stage_;
  const History* history_ = nullptr;
};

bool same(const std::vector<Snapshot>& a, const std::vector<Snapshot>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Snapshot& x, const Snapshot& y) {
    return test::bits_of(x, Clocks::left_out) == test::bits_of(y, Clocks::left_out);
  });
}

/// How many snapshots of a serial fit the ranks of this run went on from, to its very bits.
std::size_t require_same_bits_after_resume(const FitCase& wanted, const Sample& sample) {
  INFO(wanted.text());
  Snapshots alone, together;
  const FitOutcome expected = test::run_fit_case(wanted, sample, {}, {.watcher = &alone});
  REQUIRE_ALL(expected.error.empty());
  const FitOutcome uninterrupted = test::run_fit_case(wanted, sample, test::world(), {.watcher = &together});
  REQUIRE_ALL(uninterrupted.bits == expected.bits);
  REQUIRE_ALL(same(alone.taken, together.taken));
  for (std::size_t i = 0; i < alone.taken.size(); ++i) {
    const Stage& stage = alone.taken[i].stage;
    INFO("from " << stage.name << " of restart " << stage.restart << ", iteration "
                 << alone.taken[i].progress.t);
    Snapshots rest;
    const FitOutcome resumed =
        test::run_fit_case(wanted, sample, test::world(), {.resume_from = alone.taken[i], .watcher = &rest});
    REQUIRE_ALL(resumed.error.empty());
    REQUIRE_ALL(resumed.bits == expected.bits);
    // It watches the same iterations again, the one it goes on from included.
    const std::vector<Snapshot> left(alone.taken.begin() + static_cast<std::ptrdiff_t>(i), alone.taken.end());
    REQUIRE_ALL(alone.taken[i].ended ? rest.taken.empty() : same(rest.taken, left));
  }
  return alone.taken.size();
}

std::size_t stages_named(const std::string& name, const std::vector<Snapshot>& taken) {
  return static_cast<std::size_t>(
      std::count_if(taken.begin(), taken.end(), [&](const Snapshot& s) { return s.stage.name == name; }));
}

void report(const std::string& what, std::size_t resumes) {
  if (!test::world().is_root()) return;
  std::cout << what << ": went on from " << resumes << " iterations on " << test::world().size()
            << " ranks to the bits of a serial run\n";
}

}  // namespace

TEST_CASE("every model goes on from every iteration of every stage to the bits of a serial run", "[resume]") {
  const Sample sample = test::clusters(200);
  std::size_t resumes = 0;
  for (const std::string& model : test::all_models()) {
    const StartKind start = model == "kmeans" ? StartKind::kmeans_plus_plus : StartKind::kmeans;
    resumes += require_same_bits_after_resume(
        {.model = model, .start = start, .max_iterations = 5, .restarts = 3}, sample);
  }
  resumes += require_same_bits_after_resume({.max_iterations = 30, .precision = "float32"}, sample);
  for (const std::string model : {"VVI", "VII", "EII"}) {
    const std::size_t states = require_same_bits_after_resume(
        {.model = model, .max_iterations = 40, .precision = "float32"}, sample);
    resumes += states;
  }
  for (const std::string& model : test::kDecomposedModels)
    resumes += require_same_bits_after_resume({.model = model, .max_iterations = 5, .restarts = 2}, sample);
  report("all models", resumes);
}

TEST_CASE("a mixture's snapshots stand in its k-means stages too", "[resume]") {
  Snapshots taken;
  const FitCase wanted{.model = "VVV", .start = StartKind::kmeans, .restarts = 3};
  REQUIRE_ALL(
      test::run_fit_case(wanted, test::clusters(200), test::world(), {.watcher = &taken}).error.empty());
  REQUIRE_ALL(stages_named("k-means", taken.taken) > 5);
  REQUIRE_ALL(stages_named("fit", taken.taken) == 3 * 5 + 1);
}

TEST_CASE("a fit with repairs and floors goes on to the same bits", "[resume]") {
  const Sample sample = test::awkward(200);
  std::size_t resumes = 0;
  for (const char* const model : {"kmeans", "VVV", "VII"}) {
    const bool given = std::string(model) == "kmeans";
    const FitCase wanted{.model = model,
                         .start = given ? StartKind::model : StartKind::kmeans_plus_plus,
                         .max_iterations = 12,
                         .restarts = given ? 1 : 2};
    resumes += require_same_bits_after_resume(wanted, sample);
  }
  report("with repairs", resumes);
}

TEST_CASE("a state of another shape is refused on every rank alike", "[resume]") {
  Snapshots taken;
  const FitCase wanted{.model = "VVV", .start = StartKind::kmeans_plus_plus};
  const Sample sample = test::clusters(100);
  REQUIRE_ALL(test::run_fit_case(wanted, sample, test::world(), {.watcher = &taken}).error.empty());
  FitCase other = wanted;
  other.components = 4;
  const std::string error =
      test::run_fit_case(other, sample, test::world(), {.resume_from = taken.taken.front()}).error;
  REQUIRE_ALL(error.find("is a checkpoint of another model") != std::string::npos);
}

TEST_CASE("a state that evaluates to other bits is refused on every rank alike", "[resume]") {
  Snapshots taken;
  const FitCase wanted{.model = "VVV", .start = StartKind::kmeans_plus_plus};
  const Sample sample = test::clusters(100);
  REQUIRE_ALL(test::run_fit_case(wanted, sample, test::world(), {.watcher = &taken}).error.empty());
  Snapshot changed = taken.taken[2];
  changed.objective = std::nextafter(*changed.objective, 0);
  const std::string error = test::run_fit_case(wanted, sample, test::world(), {.resume_from = changed}).error;
  REQUIRE_ALL(error.find("to the last bit") != std::string::npos);
}
