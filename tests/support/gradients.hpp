#pragma once

#include <algorithm>
#include <cmath>

#include "jensen/core/types.hpp"

namespace test {

using jensen::Index;
using jensen::Vector;

/// The gradient of f at x by differences of fourth order; its rounding and truncation errors are about 1e-11
/// of |f| and of the fifth derivative.
template <class Function>
Vector differences(Function f, const Vector& x, double step = 1e-3) {
  Vector gradient(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double h = step * std::max(1.0, std::abs(x[i]));
    const auto at = [&](double offset) {
      Vector y = x;
      y[i] += offset;
      return f(y);
    };
    gradient[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  }
  return gradient;
}

/// The largest difference of two gradients relative to their largest entry, or to 1.
inline double gradient_error(const Vector& found, const Vector& expected) {
  return (found - expected).cwiseAbs().maxCoeff() / std::max(1.0, expected.cwiseAbs().maxCoeff());
}

}  // namespace test
