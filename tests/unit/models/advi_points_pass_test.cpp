#include "jensen/models/advi/points_pass.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/gradients.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::Points;
using advi::Regression;

namespace {

const Communicator kSerial;
constexpr Index kRecords = 60, kFeatures = 3;

/// In blocks of 16 records, weights 0, 1 and 2, three groups.
ResponseShard records() {
  const RowMatrix rows = test::normal_records(kRecords, kFeatures, 3);
  DenseShard shard({.records = kRecords, .block_rows = 16}, kFeatures, DenseShard::Storage::float64, true);
  std::vector<double> responses, weights;
  std::vector<Index> groups;
  for (Index n = 0; n < kRecords; ++n) {
    responses.push_back(rows(n, 0) + 0.5 * static_cast<double>(n % 5));
    weights.push_back(static_cast<double>(n % 3));
    groups.push_back(n % 3);
  }
  shard.fill(0, kRecords, rows.data());
  shard.fill_weights(0, weights);
  return ResponseShard(shard, responses, groups);
}

std::shared_ptr<Regression> target() {
  return std::make_shared<Regression>(
      advi::RegressionSettings{.groups = 3, .prior_scales = Vector::Ones(kFeatures)}, kFeatures);
}

Vector zeta_of(Index size, Index key) {
  Stream stream(17, Purpose::canary, key);
  Vector zeta(size);
  for (double& number : zeta) number = 0.4 * stream.normal();
  return zeta;
}

/// A column for each point.
Matrix points(const advi::Target& target, Index count) {
  Matrix theta(target.size(), count);
  for (Index s = 0; s < count; ++s)
    theta.col(s) = constrained(target, zeta_of(unconstrained_size(target), s));
  return theta;
}

}  // namespace

TEST_CASE("a pass sums values and gradients of any number of points over all blocks", "[advi]") {
  const auto regression = target();
  const ResponseShard shard = records();
  for (const Index count : {1, 64, 65, 130}) {
    const Matrix theta = points(*regression, count);
    const auto [values, gradients] = log_likelihood_gradients(*regression, theta, shard, kSerial);
    CHECK(log_likelihoods(*regression, theta, shard, kSerial) == values);
    REQUIRE(values.size() == count);
    REQUIRE(gradients.cols() == count);
    for (Index s = 0; s < count; ++s) {
      Points one(regression->size(), 1), value(1, 1), gradient(regression->size(), 1);
      one.set_point(0, {theta.col(s).data(), static_cast<std::size_t>(theta.rows())});
      one.pad();
      ResponseShard::Buffer buffer;
      for (Index i = 0; i < shard.block_count(); ++i)
        regression->add_log_likelihood(one, shard.block(i, buffer), value, &gradient);
      CHECK(values[s] == Approx(value(0, 0)).epsilon(1e-14));
      for (Index i = 0; i < regression->size(); ++i)
        CHECK(gradients(i, s) == Approx(gradient(i, 0)).epsilon(1e-12).margin(1e-12));
    }
  }
}

TEST_CASE("a point at which a target is infinite or NaN spoils no other", "[advi]") {
  const auto regression = target();
  const ResponseShard shard = records();
  Matrix theta = points(*regression, 3);
  const Vector before = log_likelihoods(*regression, theta, shard, kSerial);
  theta(0, 1) = std::numeric_limits<double>::infinity();
  const Vector values = log_likelihoods(*regression, theta, shard, kSerial);
  CHECK(values[0] == before[0]);
  CHECK_FALSE(std::isfinite(values[1]));
  CHECK(values[2] == before[2]);
}

TEST_CASE("products of scores are those of each record's gradient", "[advi]") {
  const auto regression = target();
  const ResponseShard shard = records();
  const Vector zeta = zeta_of(unconstrained_size(*regression), 5);
  Matrix expected = Matrix::Zero(zeta.size(), zeta.size());
  for (Index n = 0; n < kRecords; ++n) {
    const auto at = static_cast<std::size_t>(n);
    const ResponseShard one(make_serial_shard(shard.features().original_record(n)), {shard.responses()[at]},
                            {shard.groups()[at]});
    const Vector score = test::differences(
        [&](const Vector& x) {
          return log_likelihoods(*regression, constrained(*regression, x), one, kSerial)[0];
        },
        zeta);
    expected += shard.features().own_weight(n) * score * score.transpose();
  }
  const Matrix found = score_products(*regression, zeta, shard, kSerial);
  CHECK((found - expected).norm() < 1e-7 * expected.norm());
}

TEST_CASE("an error of the target comes through a pass", "[advi]") {
  const auto regression = target();
  const ResponseShard bare(make_serial_shard(RowMatrix::Ones(4, kFeatures)));
  CHECK_THROWS_AS(log_likelihoods(*regression, points(*regression, 2), bare, kSerial), InputError);
}
