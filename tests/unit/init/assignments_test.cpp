#include "jensen/init/assignments.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/models/kmeans/start.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;

Matrix drawn(const RowMatrix& rows, Index components, std::uint64_t seed, Index block_rows) {
  const DenseShard shard = test::sharded(rows, kSerial, block_rows);
  DenseShard::Buffer buffer;
  Matrix all(rows.rows(), components);
  for (Index i = 0; i < shard.block_count(); ++i) {
    const DenseBlock block = shard.block(i, buffer);
    Matrix r(block.rows(), components);
    draw_responsibilities(block, seed, r);
    all.middleRows(block.first_record, block.rows()) = r;
  }
  return all;
}

}  // namespace

TEST_CASE("Labels through a global step give the labels' means; a table of them does too") {
  const RowMatrix rows = test::normal_records(100, 3, 11);
  const std::vector<Index> labels = test::random_labels(100, 4, 12);
  RowMatrix means = RowMatrix::Zero(4, 3);
  Vector counts = Vector::Zero(4);
  std::vector<double> table(400, 0.0);
  for (Index n = 0; n < 100; ++n) {
    const Index label = labels[static_cast<std::size_t>(n)];
    means.row(label) += rows.row(n);
    counts[label] += 1;
    table[static_cast<std::size_t>(4 * n + label)] = 1;
  }
  for (Index k = 0; k < 4; ++k) means.row(k) /= counts[k];
  const test::Problem problem(rows, kSerial, {}, 16);
  const DenseShard shard = problem.in(Scaling::common);
  StartRequest request{.kind = StartKind::labels,
                       .seed = 1,
                       .components = 4,
                       .shard = shard,
                       .summary = problem.summary,
                       .comm = kSerial,
                       .labels = labels};
  const auto started = [&] {
    kmeans::KMeans model(4, problem.summary, shard.transform(), 1);
    CHECK(kmeans::start(model, request).empty());
    return model.centroids();
  };
  const RowMatrix centroids = started();
  CHECK((shard.transform().to_original(centroids) - means).cwiseAbs().maxCoeff() < 1e-14);
  request.kind = StartKind::responsibilities;
  request.labels = {};
  request.responsibilities = table;
  CHECK(started() == centroids);
}

TEST_CASE("Random responsibilities are uniform on the simplex and keyed by the record") {
  const RowMatrix rows = test::normal_records(20000, 1, 13);
  const Matrix r = drawn(rows, 3, 5, 64);
  CHECK(r == drawn(rows, 3, 5, 2048));
  CHECK(r != drawn(rows, 3, 6, 64));
  CHECK((r.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-15);
  CHECK(r.minCoeff() > 0);
  for (Index k = 0; k < 3; ++k) {
    CHECK(r.col(k).mean() == Approx(1.0 / 3).margin(5 * 0.2357 / std::sqrt(20000.0)));
    // the margin is Beta(1, 2): P(r < 1/2) = 3/4
    const auto below = static_cast<double>((r.col(k).array() < 0.5).count());
    CHECK(below / 20000 == Approx(0.75).margin(5 * 0.433 / std::sqrt(20000.0)));
  }
}

TEST_CASE("One-hot responsibilities of a mixture give the labels' weights, means and covariances") {
  const RowMatrix rows = test::normal_records(200, 2, 14);
  const std::vector<Index> labels = test::labels_in_turn(200, 2);
  const test::Problem problem(rows, kSerial);
  const auto fit = test::fit_from_labels(problem, kSerial, labels,
                                         {.family = &mixture::find_family("VVV", 2), .components = 2},
                                         {.max_iterations = 0});
  const Transform transform = problem.in(Scaling::per_feature).transform();
  const RowMatrix means = transform.to_original(fit.model.means());
  for (Index k = 0; k < 2; ++k) {
    RowMatrix own(100, 2);
    for (Index n = 0; n < 100; ++n) own.row(n) = rows.row(2 * n + k);
    const RowVector mean = own.colwise().mean();
    const RowMatrix centred = own.rowwise() - mean;
    const Matrix covariance = centred.transpose() * centred / 100;
    const Matrix fitted = transform.scale.cwiseInverse().asDiagonal() * fit.model.covariances().full(k) *
                          transform.scale.cwiseInverse().asDiagonal();
    CHECK(fit.model.weights()[k] == 0.5);
    CHECK((means.row(k) - mean).cwiseAbs().maxCoeff() < 1e-15);
    CHECK((fitted - covariance).cwiseAbs().maxCoeff() < 1e-14);
  }
}
