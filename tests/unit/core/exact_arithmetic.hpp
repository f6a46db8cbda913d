#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <span>

namespace test {

/// Numbers in units of 2^-1200, so that every double and every bound on one is an integer.
using Exact = boost::multiprecision::cpp_int;
constexpr int kUnit = -1200;

inline Exact power(int exponent) {
  return Exact(1) << (exponent - kUnit);
}

inline Exact exact(double value) {
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  const Exact digits = static_cast<std::int64_t>(std::ldexp(mantissa, 53));
  const int shift = exponent - 53 - kUnit;  // negative for the smallest denormals, whose last digits are 0
  return shift >= 0 ? Exact(digits << shift) : Exact(digits / (Exact(1) << -shift));
}

inline Exact exact_sum(std::span<const double> values) {
  Exact sum = 0;
  for (const double value : values) sum += exact(value);
  return sum;
}

/// To nearest, ties to even.
inline double rounded(const Exact& value) {
  const Exact magnitude = abs(value);
  if (magnitude == 0) return 0.0;
  const int bits = static_cast<int>(msb(magnitude)) + 1;
  const int drop = std::max(bits - 53, -1074 - kUnit);
  Exact digits = magnitude >> drop;
  const Exact rest = magnitude - (digits << drop), half = Exact(1) << (drop - 1);
  if (rest > half || (rest == half && (digits & 1) != 0)) ++digits;
  const double result = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(digits)), drop + kUnit);
  return value < 0 ? -result : result;
}

}  // namespace test
