#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "unit/fit/toy_model.hpp"

using namespace jensen;
using test::Script;
using test::Spy;
using test::toy_shard;
using test::ToyModel;

namespace {

constexpr double kMean = 3;

}  // namespace

TEST_CASE("The loop evaluates, reports, decides and updates, in this order") {
  std::vector<std::string> events;
  ToyModel model(0, {.events = &events});
  Spy spy(&events);
  const FitResult result =
      fit(model, toy_shard(), {}, {.stopping = {.max_iterations = 2}, .observers = {&spy}});
  CHECK(events == std::vector<std::string>{"prepare 0", "local_step 0", "report 0", "global_step 0",
                                           "prepare 1", "local_step 1", "report 1", "global_step 1",
                                           "prepare 2", "local_step 2", "report 2"});
  CHECK(result.stopped == StopReason::iteration_limit_requested);
}

TEST_CASE("A limit of n means n updates and n + 1 evaluations; iteration 0 is the start") {
  const auto limit = GENERATE(Index{0}, Index{1}, Index{7});
  ToyModel model(-1);
  Spy spy;
  const FitResult result =
      fit(model, toy_shard(), {}, {.stopping = {.max_iterations = limit}, .observers = {&spy}});
  CHECK(result.progress.t == limit);
  CHECK(result.progress.objectives.size() == static_cast<std::size_t>(limit) + 1);
  CHECK(result.progress.elapsed_seconds.size() == static_cast<std::size_t>(limit) + 1);
  CHECK(result.progress.changes.size() == static_cast<std::size_t>(limit));
  REQUIRE(spy.seen.size() == static_cast<std::size_t>(limit) + 1);
  CHECK(spy.seen.front().state.numbers.at("theta") == std::vector<double>{-1});
  CHECK(result.progress.objectives.front() == -(10 * 4 + 10 * 36) / 2.0);
  CHECK(model.theta() == kMean - 4 * std::pow(0.5, static_cast<double>(limit)));
}

TEST_CASE("The model ends at the parameters of the last evaluation") {
  ToyModel model(0);
  Spy spy;
  const FitResult result =
      fit(model, toy_shard(), {}, {.stopping = {.max_iterations = 4}, .observers = {&spy}});
  CHECK(model.theta() == model.prepared_theta());
  CHECK(spy.seen.back().state.numbers.at("theta").front() == model.theta());
  auto sums = model.make_sums();
  accumulate(toy_shard(), Communicator(), sums, [&](const DenseBlock& block, Index, Statistics& s) {
    ToyModel::Cache cache;
    model.local_step(block, cache, s);
  });
  CHECK(model.objective(sums) == result.progress.objective());
}

TEST_CASE("Reports carry the history before and after, units, stage of the step and its repairs") {
  ToyModel model(0, {.repairs = {1}});
  Spy spy;
  const FitResult result =
      fit(model, toy_shard(), {}, {.stopping = {.max_iterations = 3}, .observers = {&spy}});
  REQUIRE(spy.seen.size() == 4);
  for (std::size_t t = 0; t < 4; ++t) {
    const Spy::Seen& seen = spy.seen[t];
    CHECK(seen.before.t == static_cast<Index>(t));
    CHECK(seen.now.t == static_cast<Index>(t));
    CHECK(seen.before.objectives.size() == t);
    CHECK(seen.now.objectives.size() == t + 1);
    CHECK(seen.before.changes.size() == t);
    CHECK(seen.reported == 2 * seen.now.objective() + 10 * 20);
    CHECK(seen.stopped == (t == 3 ? StopReason::iteration_limit_requested : StopReason::none));
    CHECK(seen.repairs.size() == (t == 2 ? 1u : 0u));
  }
  REQUIRE(result.progress.repairs.size() == 1);
  CHECK(result.progress.repairs[0].what == "mended");
  CHECK(result.progress.repaired_steps == 1);
}

TEST_CASE("Every block keeps its own cache from pass to pass") {
  ToyModel model(0);
  const DenseShard shard = toy_shard();
  REQUIRE(shard.block_count() == 3);
  fit(model, shard, {}, {.stopping = {.max_iterations = 3}});
  CHECK(model.caches_kept_their_blocks());
}

TEST_CASE("A vote to stop ends the fit after the evaluation of that iteration") {
  ToyModel model(0);
  Index asked = 0;
  FitPlan plan{.stopping = {.max_iterations = 100}};
  plan.votes = [&] { return Votes{.stop = asked++ == 2 ? 1 : 0}; };
  const FitResult result = fit(model, toy_shard(), {}, plan);
  CHECK(result.stopped == StopReason::stop_requested);
  CHECK(result.progress.t == 2);
  CHECK(result.progress.objectives.size() == 3);
  CHECK(asked == 3);
  CHECK(model.theta() == model.prepared_theta());
}

TEST_CASE("A checkpoint vote does not change the course") {
  ToyModel plain(0), voted(0);
  FitPlan plan{.stopping = {.max_iterations = 5}};
  const FitResult expected = fit(plain, toy_shard(), {}, plan);
  plan.votes = [] { return Votes{.checkpoint_due = 1}; };
  const FitResult result = fit(voted, toy_shard(), {}, plan);
  CHECK(result.progress.objectives == expected.progress.objectives);
  CHECK(result.stopped == expected.stopped);
}

TEST_CASE("An interrupted pass drops its sums: the fit stops before evaluating") {
  const auto blocks = GENERATE(0, 1, 5);  // three blocks a pass: in the first pass, and in the second
  ToyModel model(0);
  Spy spy;
  int left = blocks;
  FitPlan plan{.observers = {&spy}, .interrupted = [&] { return left-- == 0; }};
  const FitResult result = fit(model, toy_shard(), {}, plan);
  const auto evaluated = static_cast<std::size_t>(blocks / 3);
  CHECK(result.stopped == StopReason::interrupted);
  CHECK(result.progress.t == static_cast<Index>(evaluated));
  CHECK(result.progress.objectives.size() == evaluated);
  CHECK(spy.seen.size() == evaluated);
}

TEST_CASE("An error in a local step is thrown as it is, observers unasked") {
  struct Failing : ToyModel {
    using ToyModel::ToyModel;
    void local_step(const DenseBlock& block, Cache&, Statistics&) const {
      if (block.first_record == 8) throw InputError("record 8 is odd");
    }
  };
  Failing model(0);
  Spy spy;
  CHECK_THROWS_MATCHES(fit(model, toy_shard(), Communicator(), FitPlan{.observers = {&spy}}), InputError,
                       Catch::Message("record 8 is odd"));
  CHECK(spy.seen.empty());
}

TEST_CASE("An objective that is not finite is a numerical error naming the iteration") {
  const double bad =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
               -std::numeric_limits<double>::infinity());
  ToyModel model(0, {.objectives = {{2, bad}}});
  Spy spy;
  CHECK_THROWS_WITH(fit(model, toy_shard(), Communicator(), FitPlan{.observers = {&spy}}),
                    Catch::Contains("at iteration 2"));
  CHECK(spy.seen.size() == 2);
}

TEST_CASE("A NaN among the sums reaches the objective and is refused") {
  RowMatrix rows = RowMatrix::Ones(20, 1);
  rows(13, 0) = std::numeric_limits<double>::quiet_NaN();
  ToyModel model(0);
  CHECK_THROWS_AS(fit(model, make_serial_shard(rows), Communicator(), FitPlan{}), NumericalError);
}

TEST_CASE("A fall of the objective stops, is counted, or is an error") {
  const double start = -(10 * 1 + 10 * 25) / 2.0;
  const Script falling{.objectives = {{1, start + 10}, {2, start + 9}, {3, start + 20}}};
  SECTION("with a tolerance it ends the fit") {
    ToyModel model(0, falling);
    const FitResult result = fit(model, toy_shard(), {}, {.stopping = {.absolute_gain = 1e-6}});
    CHECK(result.stopped == StopReason::objective_fell);
    CHECK(result.progress.t == 2);
    CHECK(result.progress.falls == 1);
    CHECK(result.progress.fell);
  }
  SECTION("in a run of fixed length it is counted") {
    ToyModel model(0, falling);
    const FitResult result = fit(model, toy_shard(), {}, {.stopping = {.max_iterations = 3}});
    CHECK(result.stopped == StopReason::iteration_limit_requested);
    CHECK(result.progress.falls == 1);
    CHECK_FALSE(result.progress.fell);
  }
  SECTION("strictly it is an error, before observers hear of it") {
    ToyModel model(0, falling);
    Spy spy;
    const FitPlan plan{.stopping = {.max_iterations = 3, .strict = true}, .observers = {&spy}};
    CHECK_THROWS_AS(fit(model, toy_shard(), Communicator(), plan), NumericalError);
    CHECK(spy.seen.size() == 2);
  }
  SECTION("after a repaired step it is expected") {
    Script repaired = falling;
    repaired.repairs = {1};
    ToyModel model(0, repaired);
    const FitResult result = fit(model, toy_shard(), {}, {.stopping = {.max_iterations = 3, .strict = true}});
    CHECK(result.progress.falls == 0);
    CHECK(result.progress.t == 3);
  }
  SECTION("where theory promises nothing it is nothing") {
    Script noisy = falling;
    noisy.monotone = false;
    ToyModel model(0, noisy);
    const FitResult result = fit(model, toy_shard(), {},
                                 {.stopping = {.max_iterations = 3, .absolute_gain = 1e-6, .strict = true}});
    CHECK(result.progress.falls == 0);
    CHECK(result.stopped == StopReason::iteration_limit);
  }
}

TEST_CASE("A fall within rounding is none") {
  const double eps = std::numeric_limits<double>::epsilon();
  Statistics total;
  total.magnitude() = 1000;
  total.weight() = 1;
  const auto falls_by = [&](double fall) {
    Progress progress;
    progress.record(0, total, {}, true, 0);
    progress.moved({});
    progress.record(-fall, total, {}, true, 0);
    return progress.fell;
  };
  CHECK_FALSE(falls_by(63 * eps * 1000));
  CHECK(falls_by(65 * eps * 1000));
}
