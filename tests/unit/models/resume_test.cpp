#include <catch2/catch.hpp>

#include "jensen/init/assignments.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;

/// Keeps what a checkpoint of every iteration would hold.
class Checkpoints : public Observer {
 public:
  struct Kept {
    Progress before;
    double objective;
    State state;
  };
  void on_iteration(const Report& report) override {
    kept.push_back({report.now.before_evaluation(), report.now.objective(), report.state()});
  }
  std::vector<Kept> kept;
};

/// Runs `model` to the end, then goes on from several iterations with a `fresh` model and empty caches.
template <class M, class Fresh>
void check_resumes(M model, const DenseShard& shard, const Stopping& stopping, Fresh fresh) {
  Checkpoints checkpoints;
  const FitResult whole = fit(model, shard, kSerial, {.stopping = stopping, .observers = {&checkpoints}});
  REQUIRE(checkpoints.kept.size() > 6);
  const State end = save_state(model);
  for (std::size_t t = 0; t < checkpoints.kept.size(); t += 3) {
    M resumed = fresh();
    load_state(resumed, checkpoints.kept[t].state);
    Checkpoints second;
    const FitResult result =
        fit(resumed, shard, kSerial,
            {.resume_from = checkpoints.kept[t].before, .stopping = stopping, .observers = {&second}});
    CHECK(second.kept.front().objective == checkpoints.kept[t].objective);
    CHECK(save_state(resumed) == end);
    CHECK(result.stopped == whole.stopped);
    CHECK(result.progress.objectives == whole.progress.objectives);
    CHECK(result.progress.changes == whole.progress.changes);
    CHECK(result.progress.falls == whole.progress.falls);
    CHECK(result.progress.repaired_steps == whole.progress.repaired_steps);
  }
}

}  // namespace

TEST_CASE("k-means goes on to the same bits, repairs included") {
  const RowMatrix rows = test::normal_records(500, 3, 1);
  const test::Problem problem(rows, kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  const auto fresh = [&] { return kmeans::KMeans(6, problem.summary, shard.transform(), 5); };
  check_resumes(fresh(), shard, {.stop_when_unchanged = true}, fresh);
}

TEST_CASE("Mixtures of every family go on to the same bits") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  const double floor = GENERATE(1e-6, 0.3);
  const double limit = GENERATE(0.0, 4e6);
  INFO(family << ", floor " << floor << ", expansion limit " << limit);
  const test::Sample sample =
      test::draw({Eigen::Vector2d(.6, .4),
                  test::normal_records(2, 3, 2),
                  {test::random_covariance(3, 50, 3), test::random_covariance(3, 50, 4)}},
                 300, 5);
  const test::Problem problem(sample.records, kSerial);
  const gmm::Settings settings{.family = &gmm::find_family(family, 3),
                               .components = 3,
                               .covariance_floor = floor,
                               .expansion_limit = limit};
  const DenseShard shard = problem.in(settings.family->scaling);
  const auto fresh = [&] { return gmm::GaussianMixture(settings, problem.summary, shard.transform(), 5); };
  gmm::GaussianMixture model = fresh();
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  check_resumes(model, shard, {.max_iterations = 15, .gain_per_weight = 1e-10}, fresh);
}

TEST_CASE("A state of another size is refused") {
  const test::Problem problem(test::normal_records(50, 3, 1), kSerial);
  const auto model = [&](Index components) {
    return kmeans::KMeans(components, problem.summary, Transform::identity(3), 5);
  };
  kmeans::KMeans three = model(3), four = model(4);
  CHECK_THROWS_AS(load_state(four, save_state(three)), InputError);
}
