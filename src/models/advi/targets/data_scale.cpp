#include "data_scale.hpp"

#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen::advi {

void require_positive(const char* name, double value) {
  if (!(value > 0) || std::isinf(value))
    throw UsageError(fmt::format("{} = {} (must be positive and finite)", name, value));
}

void require_data_scale(const Vector& centre, const Vector& spread) {
  if (centre.size() < 1 || centre.size() != spread.size()) {
    throw UsageError(
        fmt::format("centre has {} and spread {} numbers (must be one for each feature, of at least one)",
                    centre.size(), spread.size()));
  }
  for (Index d = 0; d < centre.size(); ++d) {
    if (!std::isfinite(centre[d]))
      throw UsageError(fmt::format("centre of feature {} = {} (must be finite)", d, centre[d]));
    if (!(spread[d] > 0) || std::isinf(spread[d])) {
      throw UsageError(fmt::format(
          "spread of feature {} = {} (must be positive and finite: its values must not all be the same)", d,
          spread[d]));
    }
  }
}

}  // namespace jensen::advi
