#include <catch2/catch.hpp>

#include "jensen/core/error.hpp"
#include "jensen/fit/run.hpp"
#include "unit/fit/toy_model.hpp"

using namespace jensen;
using test::Spy;
using test::toy_shard;
using test::ToyModel;

TEST_CASE("What a report holds is enough to go on from any iteration as if nothing had happened") {
  const test::Script script{.repairs = {2, 4}};
  const Stopping stopping{.max_iterations = 50, .absolute_gain = 1e-9};
  ToyModel whole(0, script);
  Spy spy;
  const FitResult expected = fit(whole, toy_shard(), {}, {.stopping = stopping, .observers = {&spy}});
  REQUIRE(expected.stopped == StopReason::absolute_tolerance);
  REQUIRE(spy.seen.size() > 10);
  for (const Spy::Seen& seen : spy.seen) {
    ToyModel resumed(99, script);
    load_state(resumed, seen.state);
    Spy second;
    const FitResult result = fit(resumed, toy_shard(), {},
                                 {.resume_from = seen.before, .stopping = stopping, .observers = {&second}});
    CHECK(resumed.theta() == whole.theta());
    CHECK(result.stopped == expected.stopped);
    CHECK(result.progress.t == expected.progress.t);
    CHECK(result.progress.objectives == expected.progress.objectives);
    CHECK(result.progress.changes == expected.progress.changes);
    CHECK(result.progress.repaired_steps == expected.progress.repaired_steps);
    CHECK(second.seen.front().now.objective() == seen.now.objective());
  }
}

TEST_CASE("An interrupted fit goes on from its result") {
  const Stopping stopping{.max_iterations = 50, .absolute_gain = 1e-9};
  ToyModel whole(0), interrupted(0);
  const FitResult expected = fit(whole, toy_shard(), {}, {.stopping = stopping});
  int left = 13;
  const FitResult first =
      fit(interrupted, toy_shard(), {}, {.stopping = stopping, .interrupted = [&] { return left-- == 0; }});
  REQUIRE(first.stopped == StopReason::interrupted);
  const FitResult second =
      fit(interrupted, toy_shard(), {}, {.resume_from = first.progress, .stopping = stopping});
  CHECK(second.progress.objectives == expected.progress.objectives);
  CHECK(second.stopped == expected.stopped);
  CHECK(interrupted.theta() == whole.theta());
}

TEST_CASE("A fit that was asked to stop goes on from its last report") {
  const Stopping stopping{.max_iterations = 50, .absolute_gain = 1e-9};
  ToyModel whole(0), stopped(0);
  const FitResult expected = fit(whole, toy_shard(), {}, {.stopping = stopping});
  Spy spy;
  FitPlan plan{.stopping = stopping, .observers = {&spy}};
  Index asked = 0;
  plan.votes = [&] { return Votes{.stop = ++asked == 4 ? 1 : 0}; };
  REQUIRE(fit(stopped, toy_shard(), {}, plan).stopped == StopReason::stop_requested);
  const FitResult result =
      fit(stopped, toy_shard(), {}, {.resume_from = spy.seen.back().before, .stopping = stopping});
  CHECK(result.progress.objectives == expected.progress.objectives);
  CHECK(stopped.theta() == whole.theta());
}

namespace {

/// A toy whose describe has been changed since the checkpoint.
struct ChangedToy : ToyModel {
  using Fields = std::function<void(Archive&)>;
  explicit ChangedToy(Fields listed) : ToyModel(0), fields(std::move(listed)) {}
  void describe(Archive& archive) { fields(archive); }
  Fields fields;
};

}  // namespace

TEST_CASE("A checkpoint of a model whose describe has changed is refused") {
  ToyModel toy(0.5);
  const auto go_on = [&](ChangedToy::Fields fields) {
    Run run;
    run.resume_from({.objective = -1, .model = save_state(toy), .origin = "run/checkpoint-3.h5"});
    ChangedToy changed(std::move(fields));
    try {
      run.fit({}, changed, toy_shard(), {}, {}, [](ChangedToy&) { return std::vector<Repair>{}; });
      return std::string("went on");
    } catch (const CheckpointError& error) {
      return std::string(error.what());
    }
  };
  const std::string begin = "'run/checkpoint-3.h5' is a checkpoint of another model: ",
                    end =
                        "; go on with the program and options that wrote it, or name another directory to "
                        "begin anew";
  double number = 0;
  std::vector<double> two(2);
  CHECK(go_on([&](Archive& archive) { archive("mean", number); }) ==
        begin + "no 'mean' in the saved state of the model" + end);
  CHECK(go_on([&](Archive& archive) { archive("theta", two); }) ==
        begin + "'theta' in the saved state has 1 values (must be 2)" + end);
  CHECK(go_on([&](Archive&) {}) ==
        begin + "'theta' in the saved state is not listed by the model's describe" + end);
}
