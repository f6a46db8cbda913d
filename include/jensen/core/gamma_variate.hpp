#pragma once

#include <cmath>

#include "jensen/core/random.hpp"

namespace jensen {

/// A gamma variate of the given shape > 0 and scale 1 (Marsaglia and Tsang 2000).
inline double draw_gamma(Stream& stream, double shape) {
  if (shape < 1) return draw_gamma(stream, shape + 1) * std::pow(stream.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = stream.normal(), root = 1 + c * x;
    if (!(root > 0)) continue;
    const double v = root * root * root;
    if (std::log(stream.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace jensen
