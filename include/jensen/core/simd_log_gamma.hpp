#pragma once

#include "jensen/core/simd_math.hpp"

namespace jensen::simd {

/// log Gamma(x) for x > 0, within 2e-14 of it, absolutely below x = 10 and relatively beyond.
///
/// Shifted up by 10 where x < 10, as digamma, then Stirling's series (Abramowitz and Stegun 6.1.41).
[[gnu::always_inline]] inline Doubles log_gamma(const Doubles& x) {
  const auto shifted = x < 10.0;
  Doubles small = 1.0, y = x;
  where(shifted, small) = x;
  where(shifted, y) = x + 10.0;
  // x (x+1) ... (x+9) = t (t+8) (t+14) (t+18) (t+20), t = x (x+9)
  const Doubles t = small * (small + 9.0);
  Doubles shift = log(t * detail::polynomial(t, 1.0, 60.0, 1308.0, 12176.0, 40320.0));
  where(!shifted, shift) = 0.0;
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  const Doubles inverse = 1.0 / y, square = inverse * inverse;
  const Doubles series = inverse * detail::polynomial(square, 1.0 / 156, -691.0 / 360360, 1.0 / 1188,
                                                      -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12);
  return fma(y - 0.5, log(y), kHalfLogTwoPi - y) + (series - shift);
}

}  // namespace jensen::simd
