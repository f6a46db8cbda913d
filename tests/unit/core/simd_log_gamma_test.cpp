#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/simd_log_gamma.hpp"

using namespace jensen;

TEST_CASE("log Gamma agrees with the C library's") {
  double worst = 0;
  for (double x = 1e-12; x < 1e12; x *= 1.013) {
    const double found = simd::log_gamma(simd::Doubles(x))[0], expected = std::lgamma(x);
    worst = std::max(worst, std::abs(found - expected) / (x < 10 ? 1.0 : std::abs(expected)));
  }
  CHECK(worst < 2e-14);
  CHECK(simd::log_gamma(simd::Doubles(1e-100))[0] == Approx(std::lgamma(1e-100)));
  CHECK(std::abs(simd::log_gamma(simd::Doubles(1))[0]) < 1e-14);
  CHECK(std::abs(simd::log_gamma(simd::Doubles(2))[0]) < 1e-14);
}
