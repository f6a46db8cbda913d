#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/data/feature_summary.hpp"

using namespace jensen;

namespace {

FeatureSummary with_variances(std::initializer_list<double> variances) {
  FeatureSummary summary{.total_weight = 1};
  summary.variance = Eigen::Map<const Vector>(variances.begin(), static_cast<Index>(variances.size()));
  summary.mean = Vector::LinSpaced(summary.variance.size(), 5, 6);
  return summary;
}

bool is_power_of_two(double x) {
  int exponent = 0;
  return std::frexp(x, &exponent) == 0.5;
}

}  // namespace

TEST_CASE("The scale is the power of two that brings the sd next to 1") {
  for (const double variance : {1e-300, 1e-9, 0.3, 0.5, 1.0, 1.9, 2.0, 2.1, 1e9, 1e300}) {
    const double scale = power_of_two_scale(variance);
    CHECK(is_power_of_two(scale));
    CHECK(std::sqrt(variance) * scale >= std::sqrt(0.5) * (1 - 1e-15));
    CHECK(std::sqrt(variance) * scale <= std::sqrt(2.0) * (1 + 1e-15));
  }
  CHECK(power_of_two_scale(0) == 1);
}

TEST_CASE("The scale follows a power of two in the data exactly, at every border between two scales") {
  const double variance = GENERATE(0.5, 2.0, std::nextafter(2.0, 0.0), std::nextafter(2.0, 3.0), 3.7, 1.0,
                                   std::nextafter(0.5, 0.0), std::nextafter(0.5, 1.0));
  for (int exponent = -500; exponent <= 500; ++exponent) {
    const double scale = power_of_two_scale(std::ldexp(variance, 2 * exponent));
    if (scale != std::ldexp(power_of_two_scale(variance), -exponent)) FAIL_CHECK("exponent " << exponent);
  }
}

TEST_CASE("Internal coordinates centre the features and scale them together or one by one") {
  const FeatureSummary summary = with_variances({1e-4, 100, 9});
  const Transform common = internal_coordinates(summary, Scaling::common);
  const Transform each = internal_coordinates(summary, Scaling::per_feature);
  CHECK(common.shift == summary.mean);
  CHECK(each.shift == summary.mean);
  CHECK((common.scale.array() == power_of_two_scale(summary.mean_variance())).all());
  CHECK(each.scale == Vector(Eigen::Vector3d(128, 0.125, 0.25)));
}

TEST_CASE("Standardised coordinates have unit variances; a constant is left") {
  const Transform transform = standardised_coordinates(with_variances({4, 0, 0.01}));
  CHECK(transform.scale[0] == 0.5);
  CHECK(transform.scale[1] == 1);
  CHECK(transform.scale[2] == Approx(10).epsilon(1e-15));
}

TEST_CASE("Positions pass through internal coordinates and back; densities keep their volume") {
  const Transform transform{Eigen::Vector2d(1e3, -2), Eigen::Vector2d(4, 0.5)};
  RowMatrix positions(2, 2);
  positions << 1001.25, 6, 999, -2;
  RowMatrix internal(2, 2);
  internal << 5, 4, -4, 0;
  CHECK(transform.to_internal(positions) == internal);
  CHECK(transform.to_original(internal) == positions);
  CHECK(transform.log_scale() == Approx(std::log(2.0)).epsilon(1e-15));
}
