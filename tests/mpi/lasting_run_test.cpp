#include "jensen/io/lasting_run.hpp"

#include <fstream>
#include <thread>

#include "jensen/io/model_file.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"
#include "unit/fit/toy_model.hpp"

using namespace jensen;

namespace {

constexpr Index kSlow = 3, kIterations = 8;

/// A toy one pass of which takes 2 seconds at least, and in which a file may appear.
class SlowToy : public test::ToyModel {
 public:
  SlowToy(double theta, std::filesystem::path request, jensen::Index slow = kSlow)
      : ToyModel(theta), request_(std::move(request)), slow_(slow) {}

  void prepare(jensen::Index t) {
    t_ = t;
    ToyModel::prepare(t);
  }
  void local_step(const DenseBlock& block, Cache& cache, Statistics& sums) const {
    if (t_ == slow_) {
      if (!request_.empty() && block.first_record == 0) std::ofstream(request_).flush();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ToyModel::local_step(block, cache, sums);
  }

 private:
  std::filesystem::path request_;
  jensen::Index slow_, t_ = 0;
};

/// 20 blocks a rank.
DenseShard shard() {
  const int ranks = test::world().size();
  constexpr Index kRows = 8;
  const Partition partition{20 * kRows * ranks, kRows, test::world().rank(), ranks};
  DenseShard result(partition, 1, DenseShard::Storage::float64, false);
  std::vector<double> values;
  for (Index n = 0; n < partition.own_records(); ++n)
    values.push_back(std::sin(static_cast<double>(partition.first_record() + n)));
  result.fill(0, partition.own_records(), values.data());
  return result;
}

const Stopping kStopping{.max_iterations = kIterations};

double uninterrupted() {
  test::ToyModel model(5);
  fit(model, shard(), test::world(), {.stopping = kStopping});
  return model.theta();
}

io::LastingOptions options_in(const test::TempDir& folder) {
  return {.directory = folder.path() / "run", .patience_seconds = 0.05, .note = [](const auto&) {}};
}

/// A fit whose start is a fit too.
template <class Toy>
FitResult fit_twice(io::LastingRun& run, Toy& model) {
  return run.fit({"second", 0, 1}, model, shard(), test::world(), kStopping, [&](Toy& fresh) {
    test::ToyModel first(5);
    run.fit({"first", 0, 1}, first, shard(), test::world(), {.max_iterations = 2},
            [](auto&) { return std::vector<Repair>{}; });
    fresh.set_theta(first.theta() + 1);
    return std::vector<Repair>{};
  });
}

/// Goes on to the end, and to the same bits.
void require_resume(const io::LastingOptions& options, bool broken_off) {
  io::LastingRun run(options, {}, test::world());
  REQUIRE_ALL(run.checkpoint() != nullptr);
  REQUIRE_ALL(stored_snapshot(*run.checkpoint()).objective.has_value() == !broken_off);
  REQUIRE_ALL(stored_snapshot(*run.checkpoint()).progress.t == kSlow);
  REQUIRE_ALL(run.checkpoint()->integer_attribute("/fit", "iteration") == (broken_off ? kSlow - 1 : kSlow));
  test::ToyModel model(100);
  const FitResult result = run.fit(model, shard(), kStopping);
  REQUIRE_ALL(result.progress.t == kIterations);
  REQUIRE_ALL(result.progress.objectives.size() == static_cast<std::size_t>(kIterations) + 1);
  REQUIRE_ALL(std::bit_cast<std::uint64_t>(model.theta()) == std::bit_cast<std::uint64_t>(uninterrupted()));
  run.finish();
}

}  // namespace

TEST_CASE("a long pass is broken off between blocks, and its parameters are gone on from", "[lasting]") {
  const test::TempDir folder;
  const io::LastingOptions options = options_in(folder);
  {
    io::LastingRun run(options, {}, test::world());
    SlowToy model(5, options.directory / "STOP");
    const Stopwatch watch;
    const FitResult result = run.fit(model, shard(), kStopping);
    REQUIRE_ALL(result.stopped == StopReason::interrupted);
    REQUIRE_ALL(result.progress.t == kSlow);
    REQUIRE_ALL(run.stopped());
    CHECK((!test::world().is_root() || run.stop_cause() == "by the file STOP"));
    if (test::world().size() == 1) CHECK(watch.seconds() < 1.9);  // the pass takes 2
  }
  CHECK_FALSE(std::filesystem::exists(options.directory / "STOP"));
  require_resume(options, true);
}

TEST_CASE("a pass that would miss the deadline is broken off", "[lasting]") {
  const test::TempDir folder;
  io::LastingOptions options = options_in(folder);
  options.deadline_seconds = 1;
  {
    io::LastingRun run(options, {}, test::world());
    SlowToy model(5, {});
    REQUIRE_ALL(run.fit(model, shard(), kStopping).stopped == StopReason::interrupted);
    REQUIRE_ALL(run.stopped());
    if (test::world().size() == 1) CHECK(run.seconds() < 1.9);
  }
  options.deadline_seconds = std::numeric_limits<double>::infinity();
  require_resume(options, true);
}

TEST_CASE("with patience the iteration at hand is ended", "[lasting]") {
  const test::TempDir folder;
  io::LastingOptions options = options_in(folder);
  options.patience_seconds = 60;
  {
    io::LastingRun run(options, {}, test::world());
    SlowToy model(5, options.directory / "STOP");
    const FitResult result = run.fit(model, shard(), kStopping);
    REQUIRE_ALL(result.stopped == StopReason::stop_requested);
    REQUIRE_ALL(result.progress.t == kSlow);
  }
  require_resume(options, false);
}

TEST_CASE("without a checkpoint to go back to, the first pass is ended", "[lasting]") {
  const test::TempDir folder;
  io::LastingOptions options = options_in(folder);
  options.deadline_seconds = 1e-9;
  io::LastingRun run(options, {}, test::world());
  test::ToyModel model(5);
  REQUIRE_ALL(run.fit(model, shard(), kStopping).stopped == StopReason::stop_requested);
  if (test::world().is_root()) CHECK(std::filesystem::exists(run.latest()));
}

TEST_CASE("the first pass of a stage is broken off with what came before it in a checkpoint", "[lasting]") {
  const test::TempDir folder, other;
  const io::LastingOptions options = options_in(folder);
  const auto break_off = [&] {
    io::LastingRun run(options, {}, test::world());
    SlowToy model(0, options.directory / "STOP", 0);
    const FitResult result = fit_twice(run, model);
    REQUIRE_ALL(result.stopped == StopReason::interrupted);
    REQUIRE_ALL(result.progress.t == 0);
    return run.latest();
  };
  const auto left = break_off();
  CHECK(break_off() == left);  // no further: the same checkpoint counts
  io::LastingRun run(options, {}, test::world());
  const Snapshot stored = stored_snapshot(*run.checkpoint());
  REQUIRE_ALL(stored.stage.name == "second");
  REQUIRE_ALL(!stored.objective);
  REQUIRE_ALL(!run.checkpoint()->has_attribute("/fit", "objective"));
  REQUIRE_ALL(run.checkpoint()->vector("/fit/trace/objective").size() == 0);
  test::ToyModel model(0), whole(0);
  REQUIRE_ALL(fit_twice(run, model).progress.t == kIterations);
  io::LastingRun uninterrupted(options_in(other), {}, test::world());
  fit_twice(uninterrupted, whole);
  REQUIRE_ALL(std::bit_cast<std::uint64_t>(model.theta()) == std::bit_cast<std::uint64_t>(whole.theta()));
}

TEST_CASE("ranks on several types of CPU are told of", "[lasting]") {
  const test::TempDir folder;
  io::LastingOptions options = options_in(folder);
  std::vector<std::string> notes;
  options.note = [&](const std::string& text) { notes.push_back(text); };
  options.canary = 100 + test::world().rank();
  io::LastingRun run(options, {}, test::world());
  const bool mixed = test::world().size() > 1;
  REQUIRE_ALL(run.resume_exactly == !mixed);
  if (!test::world().is_root()) return;
  REQUIRE(notes.size() == (mixed ? 1 : 0));
  if (mixed) CHECK_THAT(notes[0], Catch::Matchers::Contains("the numeric canary differs between ranks"));
}
