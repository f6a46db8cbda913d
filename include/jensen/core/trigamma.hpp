#pragma once

namespace jensen {

/// The second derivative of log Gamma for x > 0: shifted to 10 or more, then the asymptotic series
/// (Abramowitz and Stegun 6.4.12).
inline double trigamma(double x) {
  double sum = 0;
  for (; x < 10; x += 1) sum += 1 / (x * x);
  const double y = 1 / (x * x);
  const double series = 1.0 / 6 + y * (-1.0 / 30 + y * (1.0 / 42 + y * (-1.0 / 30 + y * (5.0 / 66))));
  return sum + 1 / x + y / 2 + y / x * series;
}

}  // namespace jensen
