#include "jensen/data/arithmetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

/// Farthest record over root mean square distance from the mean beyond which float32 is refused: its
/// rounding, of some 2^-24 |z|^2, would then reach a tenth of the mean square.
constexpr double kFarthest = 1024;

/// Distance of the farthest record from the mean in the usual one; a constant has none.
double farthest(const FeatureSummary& summary, Scaling scaling) {
  const Vector reach = (summary.maximum - summary.mean).cwiseMax(summary.mean - summary.minimum);
  if (scaling == Scaling::common) {
    const double variance = summary.variance.sum();
    return variance > 0 ? reach.norm() / std::sqrt(variance) : 0;
  }
  double most = 0;
  for (Index d = 0; d < reach.size(); ++d) {
    if (summary.variance[d] > 0) most = std::max(most, reach[d] / std::sqrt(summary.variance[d]));
  }
  return most;
}

}  // namespace

Arithmetic arithmetic_of(const std::string& precision) {
  if (precision == "float64") return Arithmetic::float64;
  if (precision == "float32") return Arithmetic::float32;
  throw UsageError(fmt::format("precision = '{}' (must be float64 or float32)", precision));
}

void require_safe_in_float32(const FeatureSummary& summary, Scaling scaling) {
  const double far = farthest(summary, scaling);
  if (far <= kFarthest) return;
  throw InputError(
      fmt::format("precision = float32 is too coarse for these records: some lie about {:.3g} times as far "
                  "from the mean as "
                  "most (must be at most {:g} times, so that the others can be told apart); leave it out, or "
                  "the outliers",
                  far, kFarthest));
}

}  // namespace jensen
