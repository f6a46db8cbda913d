#include "jensen/models/kmeans/kmeans.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/fit/fit.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using kmeans::KMeans;

namespace {

const Communicator kSerial;

/// k-means on the data as they are: no shift, no scale.
KMeans plain_model(const test::Problem& problem, const RowMatrix& centroids) {
  KMeans model(centroids.rows(), problem.summary, Transform::identity(centroids.cols()), 1);
  model.set_centroids(centroids);
  model.prepare(0);
  return model;
}

RowMatrix column(std::initializer_list<double> values) {
  return Eigen::Map<const RowMatrix>(values.begin(), static_cast<Index>(values.size()), 1);
}

/// Fits in internal coordinates from centroids in the data's units.
struct Fitted {
  KMeans model;
  FitResult result;
  RowMatrix centroids;  // in the data's units
  std::vector<Index> labels;
};
Fitted fit_from(const test::Problem& problem, const RowMatrix& centroids) {
  const DenseShard shard = problem.in(Scaling::common);
  KMeans model(centroids.rows(), problem.summary, shard.transform(), 1);
  model.set_centroids(shard.transform().to_internal(centroids));
  FitResult result = fit(model, shard, kSerial, {.stopping = {.stop_when_unchanged = true}});
  std::vector<Index> labels;
  model.assign(*test::WholeBlock(shard), labels);
  return {model, result, shard.transform().to_original(model.centroids()), labels};
}

}  // namespace

TEST_CASE("The sums of a pass are sizes, first and second moments of each cluster") {
  const test::Problem problem(column({0, 1, 2, 10, 12}), kSerial, std::vector<double>{1, 2, 1, 3, 0.5});
  const KMeans model = plain_model(problem, column({1, 10}));
  const kmeans::Sums sums = test::pass(model, problem.shard);
  CHECK(sums.sizes() == Vector(Eigen::Vector2d(4, 3.5)));
  CHECK(sums.first() == column({4, 36}));
  CHECK(sums.squares() == Vector(Eigen::Vector2d(6, 372)));
  CHECK(sums.weight() == 7.5);
  CHECK(sums.records() == 5);
  CHECK(sums.magnitude() == 378);
  CHECK(model.objective(sums) == -(1 + 0 + 1 + 0 + 0.5 * 4));
}

TEST_CASE("A local step adds to the sums it is given") {
  const test::Problem problem(test::normal_records(50, 3, 31), kSerial);
  const KMeans model = plain_model(problem, problem.shard.original_record(0));
  kmeans::Sums once = model.make_sums(), twice = model.make_sums();
  KMeans::Cache cache;
  const test::WholeBlock block(problem.shard);
  model.local_step(*block, cache, once);
  model.local_step(*block, cache, twice);
  model.local_step(*block, cache, twice);
  for (std::size_t i = 0; i < once.flat().size(); ++i) {
    CHECK(twice.flat()[i] == Approx(2 * once.flat()[i]).epsilon(1e-13).margin(1e-12));
  }
}

TEST_CASE("The objective from the sums is minus the inertia computed directly") {
  const double offset = GENERATE(0.0, 1e6);
  RowMatrix rows = test::normal_records(700, 5, 32);
  rows.array() += offset;
  std::vector<double> weights(700);
  for (std::size_t n = 0; n < 700; ++n) weights[n] = 0.25 + static_cast<double>(n % 5);
  const test::Problem problem(rows, kSerial, weights);
  const DenseShard shard = problem.in(Scaling::common);
  KMeans model(6, problem.summary, shard.transform(), 1);
  model.set_centroids(shard.transform().to_internal(rows.topRows(6)));
  model.prepare(0);
  std::vector<Index> labels;
  const test::WholeBlock block(shard);
  model.assign(*block, labels);
  const Vector squared = model.squared_distances(*block, labels);
  long double direct = 0, by_hand = 0;
  for (Index n = 0; n < 700; ++n) {
    direct += weights[static_cast<std::size_t>(n)] * static_cast<long double>(squared[n]);
    long double nearest = 1e300L;
    for (Index k = 0; k < 6; ++k)
      nearest = std::min<long double>(nearest, (rows.row(n) - rows.row(k)).squaredNorm());
    by_hand += weights[static_cast<std::size_t>(n)] * nearest;
  }
  const double reported = model.units().reported(model.objective(test::pass(model, shard)), 0);
  CHECK(reported == Approx(static_cast<double>(direct)).epsilon(1e-13));
  CHECK(reported == Approx(static_cast<double>(by_hand)).epsilon(offset == 0 ? 1e-12 : 1e-8));
}

TEST_CASE("Ties go to the cluster of lowest index") {
  const test::Problem problem(column({0, 1, 2, 3, 4}), kSerial);
  const KMeans model = plain_model(problem, column({4, 0, 0, 4}));
  std::vector<Index> labels;
  model.assign(*test::WholeBlock(problem.shard), labels);
  CHECK(labels == std::vector<Index>{1, 1, 0, 0, 0});
}

TEST_CASE("One cluster is the mean; as many clusters as records are the records") {
  const RowMatrix rows = test::normal_records(9, 2, 33);
  const test::Problem problem(rows, kSerial);
  const Fitted one = fit_from(problem, rows.topRows(1));
  CHECK((one.centroids - rows.colwise().mean()).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(one.model.units().reported(one.result.progress.objective(), 9) ==
        Approx(9 * problem.summary.variance.sum()).epsilon(1e-14));
  const Fitted all = fit_from(problem, rows);
  CHECK((all.centroids - rows).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(all.result.progress.objective() == Approx(0).margin(1e-14));
  CHECK(all.labels == std::vector<Index>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(all.result.progress.repairs.empty());
  CHECK(all.result.stopped == StopReason::parameters_unchanged);
}

TEST_CASE("A constant feature does not matter") {
  const RowMatrix rows = test::normal_records(60, 1, 34);
  RowMatrix wider(60, 2);
  wider << rows, RowMatrix::Constant(60, 1, 0.1);
  const Fitted narrow = fit_from({rows, kSerial}, rows.topRows(3));
  const Fitted wide = fit_from({wider, kSerial}, wider.topRows(3));
  CHECK(wide.labels == narrow.labels);
  CHECK((wide.centroids.col(0) - narrow.centroids).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((wide.centroids.col(1).array() == 0.1).all());
  CHECK(wide.result.stopped == StopReason::parameters_unchanged);
}

TEST_CASE("Given one-hot responsibilities the sums are those of the local step") {
  const RowMatrix rows = test::normal_records(300, 3, 35);
  std::vector<double> weights(300);
  for (std::size_t n = 0; n < 300; ++n) weights[n] = static_cast<double>(n % 4);
  const test::Problem problem(rows, kSerial, weights);
  const KMeans model = plain_model(problem, rows.topRows(4));
  const test::WholeBlock block(problem.shard);
  std::vector<Index> labels;
  model.assign(*block, labels);
  Matrix r = Matrix::Zero(300, 4);
  for (Index n = 0; n < 300; ++n) r(n, labels[static_cast<std::size_t>(n)]) = 1;
  kmeans::Sums given = model.make_sums(), stepped = model.make_sums();
  KMeans::Cache cache;
  model.add_statistics(*block, r, given);
  model.local_step(*block, cache, stepped);
  for (std::size_t i = 0; i < given.flat().size(); ++i) {
    CHECK(given.flat()[i] == Approx(stepped.flat()[i]).epsilon(1e-13).margin(1e-12));
  }
}

TEST_CASE("Weight 2 is a duplicated record; weight 0 is none") {
  const RowMatrix rows = test::normal_records(80, 2, 36);
  std::vector<double> weights(80, 1.0);
  std::vector<Index> kept;
  for (Index n = 0; n < 80; ++n) {
    if (n % 5 == 0) weights[static_cast<std::size_t>(n)] = 2;
    if (n % 7 == 3) weights[static_cast<std::size_t>(n)] = 0;
    for (int i = 0; i < static_cast<int>(weights[static_cast<std::size_t>(n)]); ++i) kept.push_back(n);
  }
  RowMatrix expanded(static_cast<Index>(kept.size()), 2), weighted = rows;
  for (Index n = 0; n < expanded.rows(); ++n) expanded.row(n) = rows.row(kept[static_cast<std::size_t>(n)]);
  const RowMatrix start = rows.topRows(3);
  const Fitted expected = fit_from({expanded, kSerial}, start);
  const Fitted result = fit_from({rows, kSerial, weights}, start);
  CHECK((result.centroids - expected.centroids).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(result.result.progress.objective() == Approx(expected.result.progress.objective()).epsilon(1e-12));
}

TEST_CASE("A record of weight 0 out of all reach changes nothing") {
  RowMatrix rows = test::normal_records(50, 2, 37);
  std::vector<double> weights(50, 1.0);
  weights[20] = 0;
  const test::Problem near(rows, kSerial, weights);
  const KMeans model = plain_model(near, rows.topRows(3));
  rows.row(20).setConstant(1e200);
  const kmeans::Sums sums = test::pass(model, test::sharded(rows, kSerial, 0, weights));
  const kmeans::Sums expected = test::pass(model, near.shard);
  for (std::size_t i = 0; i < sums.flat().size(); ++i) CHECK(sums.flat()[i] == expected.flat()[i]);
}

TEST_CASE("The inertia never rises, whatever the start") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{9}));
  const RowMatrix rows = test::normal_records(400, 3, seed);
  const RowMatrix start = 3 * test::normal_records(12, 3, 100 + seed);
  const Fitted fitted = fit_from({rows, kSerial}, start);
  const auto& objectives = fitted.result.progress.objectives;
  for (std::size_t t = 1; t < objectives.size(); ++t) CHECK(objectives[t] >= objectives[t - 1] * (1 + 1e-14));
  CHECK(fitted.result.progress.falls == 0);
  CHECK(fitted.result.stopped == StopReason::parameters_unchanged);
}

TEST_CASE("A shift by a million moves the centroids by a million and keeps the labels") {
  RowMatrix rows = (1024 * test::normal_records(300, 2, 38)).array().round() / 1024;  // the shift is exact
  const Fitted plain = fit_from({rows, kSerial}, rows.topRows(4));
  rows.array() += 1e6;
  const Fitted shifted = fit_from({rows, kSerial}, rows.topRows(4));
  CHECK(shifted.labels == plain.labels);
  CHECK((shifted.centroids.array() - 1e6 - plain.centroids.array()).abs().maxCoeff() < 1e-9);
  CHECK(shifted.result.progress.objective() == Approx(plain.result.progress.objective()).epsilon(1e-9));
}

TEST_CASE("One power of two for all features changes no bit of a fit") {
  const RowMatrix rows = test::normal_records(300, 2, 39);
  const double factor = GENERATE(0x1p-20, 0.5, 2.0, 0x1p100);
  const RowMatrix larger = rows * factor;
  const Fitted plain = fit_from({rows, kSerial}, rows.topRows(4));
  const Fitted scaled = fit_from({larger, kSerial}, larger.topRows(4));
  CHECK(scaled.labels == plain.labels);
  CHECK(scaled.centroids == plain.centroids * factor);
  CHECK(scaled.result.progress.objectives == plain.result.progress.objectives);
}
