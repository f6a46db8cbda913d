#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>

#include "jensen/core/simd.hpp"

/// exp, log and digamma of whole vectors: the same bits on every processor, and several times the speed of
/// the C library's scalars. Polynomials are written from the series, arguments reduced without error.
namespace jensen::simd {

using Integers = stdx::fixed_size_simd<std::int64_t, 8>;
using Words = stdx::fixed_size_simd<std::uint64_t, 8>;  // bits: their arithmetic may wrap around
using FloatWords = stdx::fixed_size_simd<std::uint32_t, 16>;

/// All lanes combined to one number, in the same order on every processor.
template <class Combine>
double fold(const Doubles& lanes, Combine combine) {
  alignas(64) double x[8];
  store<double>(lanes, x);
  return combine(combine(combine(x[0], x[4]), combine(x[2], x[6])),
                 combine(combine(x[1], x[5]), combine(x[3], x[7])));
}

template <class Combine>
[[gnu::always_inline]] inline float fold(const Floats& lanes, Combine combine) {
  using Eight [[gnu::vector_size(32)]] = float;
  using Four [[gnu::vector_size(16)]] = float;
  alignas(64) float x[16];
  store<float>(lanes, x);
  Eight eight[2];
  std::memcpy(eight, x, sizeof eight);
  const Eight half = combine(eight[0], eight[1]);
  Four four[2];
  std::memcpy(four, &half, sizeof four);
  const Four last = combine(four[0], four[1]);
  return combine(combine(last[0], last[2]), combine(last[1], last[3]));
}

namespace detail {

template <class To, class From>
[[gnu::always_inline]] inline To reinterpret(const From& from) {
  alignas(64) typename From::value_type values[From::size()];
  alignas(64) typename To::value_type same[To::size()];
  from.copy_to(values, stdx::vector_aligned);
  std::memcpy(same, values, sizeof same);
  return To(same, stdx::vector_aligned);
}
[[gnu::always_inline]] inline Words bits_of(const Doubles& x) {
  return reinterpret<Words>(x);
}
[[gnu::always_inline]] inline Doubles from_bits(const Words& bits) {
  return reinterpret<Doubles>(bits);
}

/// The polynomial of these coefficients, the highest power's first (Horner's rule).
template <class... Coefficients>
[[gnu::always_inline]] inline Doubles polynomial(const Doubles& x, double highest, Coefficients... others) {
  Doubles sum = highest;
  ((sum = fma(sum, x, others)), ...);
  return sum;
}

inline constexpr double kRounding = 0x1.8p52;  // x + this - this is x to the nearest integer, |x| < 2^51
inline constexpr std::uint64_t kOne = 0x3ff0000000000000;  // the bits of 1.0

/// 2^n for the integer n that the last bits of n + kRounding hold.
[[gnu::always_inline]] inline Doubles power_of_two(const Doubles& shifted) {
  return from_bits((bits_of(shifted) << 52) + kOne);
}

/// exp(x - n ln 2) where n is the integer nearest to x / ln 2.
[[gnu::always_inline]] inline Doubles exp_of_rest(const Doubles& x, const Doubles& n) {
  constexpr double kHigh = 0x1.62e42fefa39efp-1, kLow = 0x1.abc9e3b39803fp-56;  // ln 2
  const Doubles r = fma(n, Doubles(-kLow), fma(n, Doubles(-kHigh), x));
  // (e^r - 1 - r) / r^2, the Chebyshev interpolant of degree 9 on |r| <= ln 2 / 2 (off by 1e-17), by Estrin's
  // scheme: Horner's chain would be longer than what a processor looks ahead.
  const Doubles r2 = r * r, r4 = r2 * r2;
  const Doubles c01 = fma(r, 0x1.5555555555556p-3, 0x1.0000000000001p-1);
  const Doubles c23 = fma(r, 0x1.11111111109a6p-7, 0x1.5555555553d37p-5);
  const Doubles c45 = fma(r, 0x1.a01a01a7cebcdp-13, 0x1.6c16c1789d1d7p-10);
  const Doubles c67 = fma(r, 0x1.71de0d85293b8p-19, 0x1.a019b8ca26fcfp-16);
  const Doubles c89 = fma(r, 0x1.af390ba7e6f47p-26, 0x1.2891d4ffbb0f9p-22);
  const Doubles c03 = fma(r2, c23, c01), c47 = fma(r2, c67, c45);
  const Doubles q = fma(r4, fma(r4, c89, c47), c03);
  return fma(r2, q, r) + 1.0;
}

}  // namespace detail

/// exp(x) for |x| <= 708, within 1.1 ulp.
[[gnu::always_inline]] inline Doubles exp_in_range(const Doubles& x) {
  const Doubles shifted = fma(x, Doubles(std::numbers::log2e), Doubles(detail::kRounding));
  return detail::exp_of_rest(x, shifted - detail::kRounding) * detail::power_of_two(shifted);
}

/// exp(x) for |x| <= 87, within 1.1 ulp.
[[gnu::always_inline]] inline Floats exp_in_range(const Floats& x) {
  constexpr float kHigh = 0x1.62e430p-1f, kLow = -0x1.05c610p-29f;  // ln 2
  constexpr float kRounding = 0x1.8p23f;
  constexpr std::uint32_t kOne = 0x3f800000;  // the bits of 1.0
  const Floats shifted = fma(x, Floats(std::numbers::log2e_v<float>), Floats(kRounding));
  const Floats n = shifted - kRounding;
  const Floats r = fma(n, Floats(-kLow), fma(n, Floats(-kHigh), x)), r2 = r * r;
  // (e^r - 1 - r) / r^2, the Chebyshev interpolant of degree 4 on |r| <= ln 2 / 2
  const Floats c01 = fma(r, Floats(0x1.5554dcp-3f), Floats(0.5f));
  const Floats c23 = fma(r, Floats(0x1.120b6ep-7f), Floats(0x1.55551ap-5f));
  const Floats q = fma(r2, fma(r2, Floats(0x1.6d110ap-10f), c23), c01);
  const auto power = (detail::reinterpret<FloatWords>(shifted) << 23) + kOne;
  return (fma(r2, q, r) + 1.0f) * detail::reinterpret<Floats>(power);
}

/// exp(x) within 1.1 ulp (2 where the result is subnormal); NaN, infinity and 0 as by IEEE.
[[gnu::always_inline]] inline Doubles exp(const Doubles& x) {
  const Doubles inside = min(max(x, Doubles(-746.0)), Doubles(710.0));
  const Doubles shifted = fma(inside, Doubles(std::numbers::log2e), Doubles(detail::kRounding));
  const Doubles n = shifted - detail::kRounding;
  const Doubles half = fma(n, Doubles(0.5), Doubles(detail::kRounding));  // 2^n may be beyond a double
  const Doubles rest = (n - (half - detail::kRounding)) + detail::kRounding;
  Doubles y = detail::exp_of_rest(inside, n) * detail::power_of_two(half) * detail::power_of_two(rest);
  where(x != x, y) = x;
  return y;
}

namespace detail {

/// log(x) for positive normal x, within 1 ulp or so.
[[gnu::always_inline]] inline Doubles log_of_normal(const Doubles& x) {
  constexpr double kHigh = 0x1.62e42fefa3800p-1, kLow = 0x1.ef35793c76730p-45;  // ln 2; kHigh * 2^11 is exact
  constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcd;                       // the bits of sqrt(1/2)
  // x = m 2^e with m in [sqrt(1/2), sqrt(2))
  const Words exponent = reinterpret<Words>(reinterpret<Integers>(bits_of(x) - kRootHalf) >> 52);
  const Doubles f = from_bits(bits_of(x) - (exponent << 52)) - 1.0;
  const Doubles e = from_bits(exponent + std::bit_cast<std::uint64_t>(kRounding)) - kRounding;
  // log(1 + f) = f - f^2/2 + s (f^2/2 + R), s = f / (2 + f), R = 2 s^2/3 + 2 s^4/5 + ... (from atanh's
  // series)
  const Doubles s = f / (f + 2.0);
  const Doubles z = s * s;
  const Doubles r = z * polynomial(z, 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11,
                                   2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3);
  const Doubles half_square = 0.5 * f * f;
  const Doubles low = fma(e, Doubles(kLow), s * (half_square + r));
  return fma(e, Doubles(kHigh), f - (half_square - low));
}

}  // namespace detail

/// log(x) within 1 ulp; log(0) = -infinity, NaN below.
[[gnu::always_inline]] inline Doubles log(const Doubles& x) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Doubles inside = x;
  const auto subnormal = x < std::numeric_limits<double>::min();
  where(subnormal, inside) = x * 0x1p54;
  Doubles y = detail::log_of_normal(inside);
  if (any_of(subnormal)) {
    where(subnormal, y) = y - 54 * std::numbers::ln2;
    where(x == 0.0, y) = -kInfinity;
    where(x < 0.0, y) = std::numeric_limits<double>::quiet_NaN();
  }
  where(!(x < kInfinity), y) = x;  // infinity, NaN
  return y;
}

/// The digamma function for x > 0, to 1e-14 relative, its root included; NaN elsewhere.
///
/// Shifted up by 10 where x < 10 (one division for the ten terms), then the asymptotic series (Abramowitz and
/// Stegun 6.3.18); a polynomial times (x - root) around the root.
[[gnu::always_inline]] inline Doubles digamma(const Doubles& x) {
  // sum_{i<10} 1/(x+i) = (2x+9) Q'(t)/Q(t), t = x (x+9), Q = t (t+8) (t+14) (t+18) (t+20)
  Doubles small = x, y = x;
  const auto shifted = x < 10.0;
  where(shifted, y) = x + 10.0;
  where(!shifted, small) = 1.0;
  const Doubles t = small * (small + 9.0);
  const Doubles rest = detail::polynomial(t, 1.0, 60.0, 1308.0, 12176.0, 40320.0);    // Q / t
  const Doubles slope = detail::polynomial(t, 5.0, 240.0, 3924.0, 24352.0, 40320.0);  // Q'
  Doubles terms = fma(small, Doubles(2.0), Doubles(9.0)) / (small + 9.0) * slope / rest / small;
  where(!shifted, terms) = 0.0;
  const Doubles inverse = 1.0 / y;
  const Doubles square = inverse * inverse;
  const Doubles series = square * detail::polynomial(square, -1.0 / 12, 691.0 / 32760, -1.0 / 132, 1.0 / 240,
                                                     -1.0 / 252, 1.0 / 120, -1.0 / 12);
  Doubles result = log(y) + fma(inverse, Doubles(-0.5), series) - terms;

  constexpr double kRoot = 0x1.762d86356be3fp+0, kRootLow = 9.549995429965697e-17, kNear = 0.25;
  const Doubles distance = (x - kRoot) - kRootLow;
  const auto near = distance > -kNear && distance < kNear;
  if (any_of(near)) {
    where(near, result) =
        distance * detail::polynomial(distance, -0.0017749988418890284, 0.0025946296942270975,
                                      -0.003349222735254419, 0.004896701614056688, -0.007205634748695976,
                                      0.010540399993098224, -0.015424733465408253, 0.02259760081602993,
                                      -0.03316112699288993, 0.048804288921354876, -0.07219956125239833,
                                      0.10782405068533324, -0.16394270544241862, 0.2584997609556687,
                                      -0.4427631689835921, 0.9676722454476212);
  }
  where(!(x > 0.0), result) = std::numeric_limits<double>::quiet_NaN();
  return result;
}

}  // namespace jensen::simd
