#include <catch2/catch.hpp>

#include "jensen/fit/fit.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using kmeans::KMeans;

namespace {

const Communicator kSerial;

struct Repaired {
  KMeans model;
  Change change;
  double before, after;  // objectives
};
Repaired step(const RowMatrix& rows, const RowMatrix& centroids, std::span<const double> weights = {}) {
  const test::Problem problem(rows, kSerial, weights);
  KMeans model(centroids.rows(), problem.summary, Transform::identity(rows.cols()), 7);
  model.set_centroids(centroids);
  model.prepare(0);
  const kmeans::Sums sums = test::pass(model, problem.shard);
  const double before = model.objective(sums);
  const Change change = model.global_step(sums, 0);
  model.prepare(1);
  const double after = model.objective(test::pass(model, problem.shard));
  return {model, change, before, after};
}

}  // namespace

TEST_CASE("An empty cluster goes beside the one of largest inertia, which stays") {
  RowMatrix rows(6, 1), centroids(3, 1);
  rows << 0, 1, 2, 100, 110, 120;
  centroids << 1, 100, -500;
  const Repaired result = step(rows, centroids);
  REQUIRE(result.change.repairs.size() == 1);
  CHECK(result.change.repairs[0].component == 2);
  CHECK(result.change.repairs[0].what == "empty cluster put beside cluster 1");
  CHECK(result.model.centroids()(0, 0) == 1);
  CHECK(result.model.centroids()(1, 0) == 110);
  const double distance = std::abs(result.model.centroids()(2, 0) - 110);
  CHECK(distance > 0);
  CHECK(distance < 5);  // sds of the donor: 8.2
  CHECK(result.after >= result.before);
}

TEST_CASE("Equal inertias: the donor is the cluster of lowest index") {
  RowMatrix rows(4, 1), centroids(3, 1);
  rows << 0, 2, 10, 12;
  centroids << 1000, 1, 11;
  const Repaired result = step(rows, centroids);
  REQUIRE(result.change.repairs.size() == 1);
  CHECK(result.change.repairs[0].what == "empty cluster put beside cluster 1");
}

TEST_CASE("Donors are never empty clusters, even where no cluster has inertia") {
  RowMatrix rows(4, 2), centroids(4, 2);
  rows << 0.1, 0.7, 0.1, 0.7, 0.3, 0.9, 0.3, 0.9;
  centroids << 50, 50, 0.1, 0.7, 0.3, 0.9, 60, 60;
  const Repaired result = step(rows, centroids);
  CHECK(result.change.repairs.size() == 2);
  CHECK(result.model.centroids().allFinite());
  for (const Repair& repair : result.change.repairs) {
    CHECK((repair.what.ends_with("cluster 1") || repair.what.ends_with("cluster 2")));
  }
  CHECK(result.after == Approx(0).margin(1e-15));
}

TEST_CASE("Rounding that leaves a negative inertia does not make an empty cluster a donor") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const RowMatrix rows = (test::normal_records(3, 3, seed).array() + 100).matrix();
    RowMatrix centroids(4, 3);
    centroids << RowMatrix::Constant(1, 3, 1e6), rows;
    const Repaired result = step(rows, centroids);
    if (!result.model.centroids().allFinite()) FAIL_CHECK("seed " << seed);
  }
}

TEST_CASE("Several empty clusters find donors of their own, and the inertia does not rise") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{11}));
  const RowMatrix rows = test::normal_records(200, 3, seed);
  RowMatrix centroids(6, 3);
  centroids << rows.topRows(3), RowMatrix::Constant(3, 3, 1e3);
  const Repaired result = step(rows, centroids);
  CHECK(result.change.repairs.size() == 3);
  CHECK(result.after >= result.before);
  const kmeans::Sums sums = [&] {
    const test::Problem problem(rows, kSerial);
    return test::pass(result.model, problem.shard);
  }();
  CHECK(sums.sizes().minCoeff() > 0);
}

TEST_CASE("Repairs are keyed: the same seed and step give the same direction, another step another") {
  RowMatrix rows = test::normal_records(40, 2, 3);
  RowMatrix centroids(2, 2);
  centroids << rows.row(0), RowMatrix::Constant(1, 2, 1e3);
  CHECK(step(rows, centroids).model.centroids() == step(rows, centroids).model.centroids());
  const test::Problem problem(rows, kSerial);
  const auto revived = [&](std::uint64_t seed, Index t) {
    KMeans model(2, problem.summary, Transform::identity(2), seed);
    model.set_centroids(centroids);
    model.prepare(t);
    model.global_step(test::pass(model, problem.shard), t);
    return RowVector(model.centroids().row(1));
  };
  CHECK(revived(1, 0) != revived(1, 1));
  CHECK(revived(1, 0) != revived(2, 0));
}

TEST_CASE("A fit with repairs reports them all and ends sound") {
  const RowMatrix rows = test::normal_records(200, 2, 41);
  const test::Problem problem(rows, kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  KMeans model(5, problem.summary, shard.transform(), 1);  // all centroids at the origin
  const FitResult result =
      fit(model, shard, kSerial, {.stopping = {.stop_when_unchanged = true, .strict = true}});
  CHECK(result.progress.repairs.size() >= 4);
  CHECK(result.progress.repaired_steps >= 1);
  CHECK(result.progress.falls == 0);
  CHECK(result.stopped == StopReason::parameters_unchanged);
  CHECK(test::pass(model, shard).sizes().minCoeff() > 0);
}
