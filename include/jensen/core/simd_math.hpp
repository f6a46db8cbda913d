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
inline constexpr double kBiased = kRounding + 1023;  // the same, with a double's exponent in the last bits

/// 2^n of n + kBiased.
[[gnu::always_inline]] inline Doubles power_of_two(const Doubles& shifted) {
  return from_bits(bits_of(shifted) << 52);
}

/// exp(x - n ln 2) - 1 where n is the integer nearest to x / ln 2.
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
  return fma(r2, q, r);
}

}  // namespace detail

/// exp(x) for |x| <= 708, within 1.1 ulp.
[[gnu::always_inline]] inline Doubles exp_in_range(const Doubles& x) {
  const Doubles shifted = fma(x, Doubles(std::numbers::log2e), Doubles(detail::kBiased));
  const Doubles power = detail::power_of_two(shifted);
  return fma(power, detail::exp_of_rest(x, shifted - detail::kBiased), power);
}

/// The same for x <= 0, and exp(-708) = 3e-308 below that; NaN stays NaN.
[[gnu::always_inline]] inline Doubles exp_of_negative(const Doubles& x) {
  return exp_in_range(max(x, Doubles(-708.0)));
}

/// exp(x) for |x| <= 87, within 1.1 ulp.
[[gnu::always_inline]] inline Floats exp_in_range(const Floats& x) {
  constexpr float kHigh = 0x1.62e430p-1f, kLow = -0x1.05c610p-29f;  // ln 2
  constexpr float kBiased = 0x1.8p23f + 127;
  const Floats shifted = fma(x, Floats(std::numbers::log2e_v<float>), Floats(kBiased));
  const Floats n = shifted - kBiased;
  const Floats r = fma(n, Floats(-kLow), fma(n, Floats(-kHigh), x)), r2 = r * r;
  // (e^r - 1 - r) / r^2, the Chebyshev interpolant of degree 4 on |r| <= ln 2 / 2
  const Floats c01 = fma(r, Floats(0x1.5554dcp-3f), Floats(0.5f));
  const Floats c23 = fma(r, Floats(0x1.120b6ep-7f), Floats(0x1.55551ap-5f));
  const Floats q = fma(r2, fma(r2, Floats(0x1.6d110ap-10f), c23), c01);
  const auto power = detail::reinterpret<Floats>(detail::reinterpret<FloatWords>(shifted) << 23);
  return fma(power, fma(r2, q, r), power);
}

/// exp(x) within 1.1 ulp (2 where the result is subnormal); NaN, infinity and 0 as by IEEE.
[[gnu::always_inline]] inline Doubles exp(const Doubles& x) {
  const Doubles inside = min(max(x, Doubles(-746.0)), Doubles(710.0));  // NaN stays NaN
  const Doubles n = fma(inside, Doubles(std::numbers::log2e), Doubles(detail::kRounding)) - detail::kRounding;
  const Doubles half = fma(n, Doubles(0.5), Doubles(detail::kBiased));  // 2^n may be beyond a double
  const Doubles rest = (n - (half - detail::kBiased)) + detail::kBiased;
  const Doubles power = detail::power_of_two(half);
  return fma(power, detail::exp_of_rest(inside, n), power) * detail::power_of_two(rest);
}

namespace detail {

/// A positive normal number x = (1 + f) 2^e with 1 + f in [sqrt(1/2), sqrt(2)).
struct Parts {
  Doubles f, e;
};

[[gnu::always_inline]] inline Parts parts_of(const Doubles& x) {
  constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcd;  // the bits of sqrt(1/2)
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kBias = 1024;  // none is negative, so that shifts need not know of signs
  const Words biased = bits_of(x) + ((kBias << 52) - kRootHalf);
  return {from_bits((biased & kFraction) + kRootHalf) - 1.0,
          from_bits((biased >> 52) + std::bit_cast<std::uint64_t>(kRounding)) - (kRounding + kBias)};
}

/// log(x) of its parts and s = f / (2 + f), within 1 ulp or so.
[[gnu::always_inline]] inline Doubles log_of_parts(const Parts& x, const Doubles& s) {
  constexpr double kHigh = 0x1.62e42fefa3800p-1, kLow = 0x1.ef35793c76730p-45;  // ln 2; kHigh * 2^11 is exact
  // log(1 + f) = f - f^2/2 + s (f^2/2 + R), R = 2 s^2/3 + 2 s^4/5 + ... (atanh's series); R / s^2 by its
  // Chebyshev interpolant of degree 6 in s^2 <= (3 - 2 sqrt 2)^2 (off by 3e-16 of 2/3)
  const Doubles z = s * s, z2 = z * z;
  const Doubles even =
      polynomial(z2, 0x1.2b584aae78a57p-3, 0x1.7462b4ab2ef6bp-3, 0x1.2492492df148dp-2, 0x1.5555555555558p-1);
  const Doubles odd = polynomial(z2, 0x1.39fe606542ddep-3, 0x1.c71c62e5800a1p-3, 0x1.99999999952e2p-2);
  const Doubles r = z * fma(odd, z, even);
  const Doubles half_square = 0.5 * x.f * x.f;
  const Doubles low = fma(x.e, Doubles(kLow), s * (half_square + r));
  return fma(x.e, Doubles(kHigh), x.f - (half_square - low));
}

}  // namespace detail

/// log(x) within 1 ulp; log(0) = -infinity, NaN below.
[[gnu::always_inline]] inline Doubles log(const Doubles& x) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Doubles inside = x;
  const auto subnormal = x < std::numeric_limits<double>::min();
  where(subnormal, inside) = x * 0x1p54;
  const detail::Parts parts = detail::parts_of(inside);
  Doubles y = detail::log_of_parts(parts, parts.f / (parts.f + 2.0));
  if (any_of(subnormal)) {
    where(subnormal, y) = y - 54 * std::numbers::ln2;
    where(x == 0.0, y) = -kInfinity;
    where(x < 0.0, y) = std::numeric_limits<double>::quiet_NaN();
  }
  where(!(x < kInfinity), y) = x;  // infinity, NaN
  return y;
}

struct LogAndInverse {
  Doubles log, inverse;
};
/// log(x) within an ulp and 1 / x within 2, by one division, for normal numbers x > 0; infinity and NaN as by
/// IEEE.
[[gnu::always_inline]] inline LogAndInverse log_and_inverse(const Doubles& x) {
  const detail::Parts parts = detail::parts_of(x);
  const Doubles quarter =
      fma(parts.f, Doubles(0.25), Doubles(0.5));  // of 2 + f: x times this does not overflow
  const Doubles reciprocal = 1.0 / (x * quarter);
  LogAndInverse y{detail::log_of_parts(parts, 0.25 * parts.f * (x * reciprocal)), quarter * reciprocal};
  where(!(x < std::numeric_limits<double>::infinity()), y.log) = x;
  return y;
}

/// The digamma function for x > 0, to 1e-14 relative, its root included; NaN elsewhere.
///
/// Shifted up by 10 where x < 10 (one division for the ten terms), then the asymptotic series (Abramowitz and
/// Stegun 6.3.18); a polynomial times (x - root) around the root.
[[gnu::always_inline]] inline Doubles digamma(const Doubles& x) {
  // sum_{i<10} 1/(x+i) = (2x+9) Q'(t)/Q(t), t = x (x+9), Q = t (t+8) (t+14) (t+18) (t+20)
  Doubles small = max(x, Doubles(1e-309)), y = x;  // below 5e-309 it is -infinity
  const auto shifted = x < 10.0;
  where(shifted, y) = x + 10.0;
  where(!shifted, small) = 1.0;
  const Doubles t = small * (small + 9.0);
  const Doubles q = t * detail::polynomial(t, 1.0, 60.0, 1308.0, 12176.0, 40320.0);
  const Doubles slope = detail::polynomial(t, 5.0, 240.0, 3924.0, 24352.0, 40320.0);  // Q'
  // One division for three: Q' / Q, 1 / y, and that of log(y); beyond 1e290 no digit of 1 / y counts.
  const detail::Parts parts = detail::parts_of(y);
  const Doubles below = parts.f + 2.0, bounded = min(y, Doubles(1e290)), others = bounded * q;
  const Doubles reciprocal = 1.0 / (others * below), ratio = reciprocal * below, inverse = q * ratio;
  Doubles terms = fma(small, Doubles(2.0), Doubles(9.0)) * slope * ratio * bounded;
  where(!shifted, terms) = 0.0;
  const Doubles square = inverse * inverse;
  // -1/12 + y^-2/120 - y^-4/252 + ..., the Chebyshev interpolant of degree 4 on y >= 10 (off by 4e-15)
  const Doubles series =
      square * detail::polynomial(square, -0x1.cfff898227388p-8, 0x1.10c9ba5fd9094p-8, -0x1.0410005e604a8p-8,
                                  0x1.11111106c3b6fp-7, -0x1.5555555555447p-4);
  const Doubles logarithm = detail::log_of_parts(parts, parts.f * others * reciprocal);
  Doubles result = logarithm + fma(inverse, Doubles(-0.5), series) - terms;

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
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto outside = !(x > 0.0 && x < kInfinity);
  if (any_of(outside)) {
    where(outside, result) = std::numeric_limits<double>::quiet_NaN();
    where(x == kInfinity, result) = x;
  }
  return result;
}

}  // namespace jensen::simd
