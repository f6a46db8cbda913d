#include "jensen/init/moments.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/error.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;

FeatureSummary summarise(const RowMatrix& rows, std::span<const double> weights = {}) {
  return test::Problem(rows, kSerial, weights).summary;
}

struct Naive {
  std::vector<long double> mean, variance;
};

Naive naive(const RowMatrix& rows, const std::vector<double>& weights) {
  Naive result;
  for (Index d = 0; d < rows.cols(); ++d) {
    long double total = 0, sum = 0, squares = 0;
    for (Index n = 0; n < rows.rows(); ++n) {
      total += weights[static_cast<std::size_t>(n)];
      sum += weights[static_cast<std::size_t>(n)] * (static_cast<long double>(rows(n, d)) - rows(0, d));
    }
    const long double mean = rows(0, d) + sum / total;
    for (Index n = 0; n < rows.rows(); ++n) {
      const long double difference = rows(n, d) - mean;
      squares += weights[static_cast<std::size_t>(n)] * difference * difference;
    }
    result.mean.push_back(mean);
    result.variance.push_back(squares / total);
  }
  return result;
}

}  // namespace

TEST_CASE("Means and variances agree with long double, at any offset") {
  const double offset = GENERATE(0.0, 1e6, -1e10);
  const bool weighted = GENERATE(false, true);
  RowMatrix rows = test::normal_records(3000, 3, 5);
  rows.col(1) *= 1e-3;
  rows.array() += offset;
  std::vector<double> weights(3000, 1.0);
  for (std::size_t n = 0; weighted && n < weights.size(); ++n) weights[n] = static_cast<double>(n % 7) / 3;
  const FeatureSummary summary = weighted ? summarise(rows, weights) : summarise(rows);
  const Naive expected = naive(rows, weights);
  for (Index d = 0; d < 3; ++d) {
    const auto e = static_cast<std::size_t>(d);
    CHECK(summary.mean[d] == Approx(static_cast<double>(expected.mean[e])).epsilon(4e-16).margin(1e-15));
    CHECK(summary.variance[d] == Approx(static_cast<double>(expected.variance[e])).epsilon(1e-13));
  }
  CHECK(summary.total_weight == Approx(weighted ? 2998.0 : 3000.0).epsilon(1e-15));
}

TEST_CASE("Scaling a feature by a power of two scales its results exactly") {
  RowMatrix rows = test::normal_records(500, 2, 6);
  rows.array() += 3;
  const FeatureSummary plain = summarise(rows);
  const int exponent = GENERATE(-300, -1, 1, 7, 400);
  rows.col(1) *= std::ldexp(1.0, exponent);
  const FeatureSummary scaled = summarise(rows);
  CHECK(scaled.mean[0] == plain.mean[0]);
  CHECK(scaled.variance[0] == plain.variance[0]);
  CHECK(scaled.mean[1] == std::ldexp(plain.mean[1], exponent));
  CHECK(scaled.variance[1] == std::ldexp(plain.variance[1], 2 * exponent));
}

TEST_CASE("A constant feature has its value as mean and no variance, to the bit") {
  RowMatrix rows = test::normal_records(1000, 2, 7);
  rows.col(0).setConstant(0.1);
  const FeatureSummary summary = summarise(rows);
  CHECK(summary.mean[0] == 0.1);
  CHECK(summary.variance[0] == 0);
  CHECK(summary.variance[1] > 0);
}

TEST_CASE("A record of weight 0 is absent, whatever it holds") {
  RowMatrix rows = test::normal_records(100, 2, 8);
  std::vector<double> weights(100, 1.0);
  weights[40] = 0;
  const double far = GENERATE(1e10, 1e200, -1.7e308);
  const auto summarise_present = [&] {
    RowMatrix present(99, 2);
    present << rows.topRows(40), rows.bottomRows(59);
    return summarise_features(test::sharded(rows, kSerial, 0, weights), kSerial,
                              present.colwise().minCoeff().transpose(),
                              present.colwise().maxCoeff().transpose());
  };
  const FeatureSummary before = summarise_present();
  rows.row(40).setConstant(far);
  const FeatureSummary after = summarise_present();
  CHECK(after.total_weight == 99);
  CHECK(after.mean == before.mean);
  CHECK(after.variance == before.variance);
}

TEST_CASE("Features whose range or variance no double can hold are refused by number") {
  RowMatrix rows = test::normal_records(100, 2, 9);
  SECTION("range") {
    rows(0, 1) = -1.7e308;
    rows(1, 1) = 1.7e308;
    CHECK_THROWS_WITH(summarise(rows), Catch::Contains("feature 1"));
  }
  SECTION("variance too large") {
    rows.col(1) *= 1e200;
    CHECK_THROWS_WITH(summarise(rows), Catch::Contains("feature 1"));
  }
  SECTION("variance too small: not constant, but it would seem so") {
    rows.col(1) *= 1e-200;
    CHECK_THROWS_WITH(summarise(rows), Catch::Contains("feature 1"));
  }
}

TEST_CASE("As many different records as components are asked for") {
  RowMatrix rows(6, 1);
  rows << 1, 1, 0.0, -0.0, 2, 3;
  const std::vector<double> weights = {1, 1, 1, 1, 1, 0};
  const DenseShard all = test::sharded(rows, kSerial), weighted = test::sharded(rows, kSerial, 0, weights);
  CHECK_NOTHROW(require_distinct_records(all, kSerial, 4));
  CHECK_THROWS_AS(require_distinct_records(all, kSerial, 5), InputError);
  CHECK_NOTHROW(require_distinct_records(weighted, kSerial, 3));
  CHECK_THROWS_WITH(require_distinct_records(weighted, kSerial, 4), Catch::Contains("must be at most 3"));
}
