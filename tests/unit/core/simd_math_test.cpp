#include <boost/math/special_functions/digamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "jensen/core/random.hpp"
#include "jensen/core/simd_math.hpp"

using namespace jensen;
using Exact = boost::multiprecision::cpp_bin_float_50;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Function>
std::vector<double> values_of(Function function, const std::vector<double>& x) {
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); i += 8) {
    simd::store_anywhere<double>(function(simd::load_anywhere<double>(x.data() + i)), y.data() + i);
  }
  return y;
}

/// Arguments spread evenly over [low, high], or their exponentials, and the ends themselves.
std::vector<double> arguments(double low, double high, bool exponentials, std::size_t count = 4096) {
  Stream stream(5, Purpose::display, 0);
  std::vector<double> x(count);
  for (double& value : x) {
    value = low + (high - low) * stream.uniform();
    if (exponentials) value = std::exp(value);
  }
  x.front() = exponentials ? std::exp(low) : low;
  x.back() = exponentials ? std::exp(high) : high;
  return x;
}

struct Errors {
  double ulps = 0;
  double relative = 0;
};

template <class Function, class Reference>
Errors errors(Function function, Reference reference, const std::vector<double>& x) {
  const std::vector<double> y = values_of(function, x);
  Errors worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Exact exact = reference(Exact(x[i]));
    const double near = std::abs(exact.convert_to<double>());
    const double error = std::abs(Exact(y[i] - exact).template convert_to<double>());
    REQUIRE(std::isfinite(error));
    worst.ulps = std::max(worst.ulps, error / (std::nextafter(near, kInfinity) - near));
    worst.relative = std::max(worst.relative, error / near);
  }
  return worst;
}

const auto kExp = [](const simd::Doubles& x) { return simd::exp(x); };
const auto kExpInRange = [](const simd::Doubles& x) { return simd::exp_in_range(x); };
const auto kLog = [](const simd::Doubles& x) { return simd::log(x); };
const auto kDigamma = [](const simd::Doubles& x) { return simd::digamma(x); };
const auto kExactExp = [](const Exact& x) { return Exact(boost::multiprecision::exp(x)); };
const auto kExactLog = [](const Exact& x) { return Exact(boost::multiprecision::log(x)); };
const auto kExactDigamma = [](const Exact& x) { return Exact(boost::math::digamma(x)); };

}  // namespace

TEST_CASE("exp is within 1.1 ulp over its whole range") {
  CHECK(errors(kExp, kExactExp, arguments(-708, 709.78, false)).ulps <= 1.1);
  CHECK(errors(kExp, kExactExp, arguments(-1, 1, false)).ulps <= 1.1);
  CHECK(errors(kExp, kExactExp, arguments(-1e-3, 1e-3, false)).ulps <= 1.1);
  CHECK(errors(kExp, kExactExp, arguments(-745, -708, false)).ulps <= 2);  // subnormal
  CHECK(errors(kExpInRange, kExactExp, arguments(-708, 708, false)).ulps <= 1.1);
}

TEST_CASE("exp of floats is within 1.1 ulp over its range") {
  constexpr float kInfinityInFloat = std::numeric_limits<float>::infinity();
  double worst = 0;
  for (const double end : {87.0, 1.0, 1e-3}) {
    const std::vector<double> x = arguments(-end, end, false, std::size_t{1} << 16);
    const std::vector<float> narrow(x.begin(), x.end());
    for (std::size_t i = 0; i < narrow.size(); i += 16) {
      float y[16];
      simd::store_anywhere<float>(simd::exp_in_range(simd::load_anywhere<float>(&narrow[i])), y);
      for (std::size_t lane = 0; lane < 16; ++lane) {
        const double exact = std::exp(static_cast<double>(narrow[i + lane]));
        const auto near = static_cast<float>(exact);
        const double ulp = std::nextafter(near, kInfinityInFloat) - near;
        worst = std::max(worst, std::abs(y[lane] - exact) / ulp);
      }
    }
  }
  CHECK(worst <= 1.1);
}

TEST_CASE("log is within an ulp over its whole range") {
  CHECK(errors(kLog, kExactLog, arguments(-708, 709.78, true)).ulps <= 1);
  CHECK(errors(kLog, kExactLog, arguments(-1, 1, true)).ulps <= 1);
  CHECK(errors(kLog, kExactLog, arguments(-1e-3, 1e-3, true)).ulps <= 1);
  CHECK(errors(kLog, kExactLog, arguments(-744, -709, true)).ulps <= 1);  // subnormal arguments
}

TEST_CASE("log and inverse by one division are within two ulps over the range of normal numbers") {
  const auto log = [](const simd::Doubles& x) { return simd::log_and_inverse(x).log; };
  const auto inverse = [](const simd::Doubles& x) { return simd::log_and_inverse(x).inverse; };
  const auto exact_inverse = [](const Exact& x) { return Exact(1 / x); };
  for (const double end : {707.0, 1.0, 1e-3}) {
    const std::vector<double> x = arguments(-end, end, true);
    CHECK(errors(log, kExactLog, x).ulps <= 1);
    CHECK(errors(inverse, exact_inverse, x).ulps <= 2);
  }
  const double largest = std::numeric_limits<double>::max();
  CHECK(errors(log, kExactLog, std::vector<double>(8, largest)).ulps <= 1);
  const std::vector<double> infinite(8, kInfinity), nan(8, std::numeric_limits<double>::quiet_NaN());
  CHECK(values_of(log, infinite)[0] == kInfinity);
  CHECK(values_of(inverse, infinite)[0] == 0);
  CHECK(std::isnan(values_of(log, nan)[0]));
  CHECK(std::isnan(values_of(inverse, nan)[0]));
}

TEST_CASE("exp of negative numbers ends at the smallest that it takes") {
  const auto function = [](const simd::Doubles& x) { return simd::exp_of_negative(x); };
  CHECK(errors(function, kExactExp, arguments(-708, 0, false)).ulps <= 1.1);
  const std::vector<double> x = {-kInfinity, -1e300, -708.5, std::numeric_limits<double>::quiet_NaN(),
                                 0,          0,      0,      0};
  const std::vector<double> y = values_of(function, x);
  for (std::size_t i = 0; i < 3; ++i) CHECK(y[i] == Approx(std::exp(-708.0)));
  CHECK(std::isnan(y[3]));
}

TEST_CASE("digamma has fourteen digits over its whole range, around its root too") {
  CHECK(errors(kDigamma, kExactDigamma, arguments(-700, 700, true, 512)).relative <= 1e-14);
  CHECK(errors(kDigamma, kExactDigamma, arguments(1e-4, 12, false, 512)).relative <= 1e-14);
  CHECK(errors(kDigamma, kExactDigamma, arguments(1.2, 1.75, false, 512)).relative <= 1e-14);
  CHECK(errors(kDigamma, kExactDigamma, arguments(1.46163214, 1.46163215, false, 64)).relative <= 1e-14);
  CHECK(errors(kDigamma, kExactDigamma, arguments(9.999, 10.001, false, 64)).relative <= 1e-14);
}

TEST_CASE("Values outside come out as by IEEE") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x = {0.0, -0.0, kInfinity, -kInfinity, nan, -1.0, 800.0, -800.0};
  const auto same = [](double found, double expected) {
    return std::isnan(expected) ? std::isnan(found) : found == expected;
  };
  const std::vector<double> exp = values_of(kExp, x), log = values_of(kLog, x), psi = values_of(kDigamma, x);
  const std::vector<double> exp_expected = {1, 1, kInfinity, 0, nan, std::exp(-1.0), kInfinity, 0};
  const std::vector<double> log_expected = {-kInfinity, -kInfinity, kInfinity,       nan,
                                            nan,        nan,        std::log(800.0), nan};
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("argument " << x[i]);
    CHECK(same(exp[i], exp_expected[i]));
    CHECK(same(log[i], log_expected[i]));
    CHECK((x[i] > 0 ? psi[i] > 6 : std::isnan(psi[i])));
  }
}

TEST_CASE("Lanes do not depend on their neighbours") {
  std::vector<double> mixed = {1.4, 1e-320, 3.0, 1e300, 0.0, 12.0, 5.0, 9.5};
  for (std::size_t lane = 0; lane < 8; ++lane) {
    const std::vector<double> alone(8, mixed[lane]);
    CHECK(values_of(kExp, alone)[0] == values_of(kExp, mixed)[lane]);
    CHECK(values_of(kLog, alone)[0] == values_of(kLog, mixed)[lane]);
    if (mixed[lane] > 0) CHECK(values_of(kDigamma, alone)[0] == values_of(kDigamma, mixed)[lane]);
  }
}
