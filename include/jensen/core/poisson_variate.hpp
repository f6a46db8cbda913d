#pragma once

#include <cmath>

#include "jensen/core/random.hpp"

namespace jensen {

/// A Poisson variate of the given mean >= 0.
///
/// Arrivals of rate 1 are counted below mean 10; above it is transformed rejection with squeeze (Hoermann
/// 1993, algorithm PTRS). From 2^30 on it is a rounded normal variate of the same mean and variance, which
/// is off by less than 3e-5 in probability (Berry and Esseen) and without the rounding of log k!.
inline double draw_poisson(Stream& stream, double mean) {
  if (mean < 10) {
    double count = 0;
    for (double time = stream.exponential(); time < mean; time += stream.exponential()) ++count;
    return count;
  }
  if (mean >= 0x1p30) return std::floor(mean + std::sqrt(mean) * stream.normal() + 0.5);
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = stream.uniform() - 0.5, v = stream.uniform(), edge = 0.5 - std::abs(u);
    const double count = std::floor((2 * a / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= squeeze) return count;
    if (count < 0 || (edge < 0.013 && v > edge)) continue;
    const double log_ratio = std::log(v * inverse_alpha / (a / (edge * edge) + b));
    if (log_ratio <= count * std::log(mean) - mean - std::lgamma(count + 1)) return count;
  }
}

}  // namespace jensen
