#pragma once

#include <cmath>

#include "jensen/data/transform.hpp"

namespace jensen {

/// Per feature, over all records of positive weight, in the data's units.
struct FeatureSummary {
  double total_weight = 0;
  Vector mean = {};      // D
  Vector variance = {};  // D, maximum likelihood (divided by the total weight)
  Vector minimum = {};   // D
  Vector maximum = {};   // D

  Index features() const { return mean.size(); }
  double mean_variance() const { return variance.mean(); }
};

/// Stands in where a model is made only to be given a saved state, or for its sizes.
inline FeatureSummary unit_summary(Index features) {
  const Vector ones = Vector::Ones(features);
  return {.total_weight = 1, .mean = ones, .variance = ones, .minimum = ones, .maximum = ones};
}

/// How a model lets features be scaled without changing the fit.
enum class Scaling {
  common,       // one factor for all features: models that mix features by rotation or distance
  per_feature,  // one factor each: models closed under diagonal scaling
};

/// The power of two nearest to 1/sd (in logarithm); 1 for a constant. Follows a power of two in the data
/// exactly.
inline double power_of_two_scale(double variance) {
  if (!(variance > 0)) return 1.0;
  int exponent = 0;
  std::frexp(variance, &exponent);
  return std::ldexp(1.0, -(exponent >> 1));
}

/// Coordinates in which a fit is done: features centred, and scaled by powers of two.
inline Transform internal_coordinates(const FeatureSummary& summary, Scaling scaling) {
  Vector scale(summary.features());
  for (Index d = 0; d < scale.size(); ++d) {
    scale[d] = power_of_two_scale(scaling == Scaling::common ? summary.mean_variance() : summary.variance[d]);
  }
  return {summary.mean, scale};
}

/// Coordinates in which every feature has unit variance (a constant feature is left as it is).
inline Transform standardised_coordinates(const FeatureSummary& summary) {
  Vector scale = summary.variance.unaryExpr([](double v) { return v > 0 ? 1 / std::sqrt(v) : 1.0; });
  return {summary.mean, scale};
}

}  // namespace jensen
