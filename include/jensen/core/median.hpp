#pragma once

#include <algorithm>

#include "jensen/core/types.hpp"

namespace jensen {

/// The middle value, or the mean of the two in the middle. At least one value, none of them NaN.
inline double median_of(Vector values) {
  const Index half = values.size() / 2;
  const auto middle = values.begin() + half;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return *std::max_element(values.begin(), middle) / 2 + *middle / 2;
}

}  // namespace jensen
