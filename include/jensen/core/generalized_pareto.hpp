#pragma once

#include <span>

namespace jensen {

/// The distribution of exceedances x >= 0 with P(X > x) = (1 + shape x / scale)^(-1/shape); exponential where
/// the shape is 0, bounded by -scale / shape where it is negative. Moments of order below 1 / shape are
/// finite.
struct GeneralizedPareto {
  double shape = 0;
  double scale = 1;

  /// @param probability in [0, 1)
  double quantile(double probability) const;
};

/// The estimate of Zhang and Stephens (2009), a posterior mean under a data-dependent prior, on a grid of
/// 30 + sqrt(n) values. The shape is infinite where nothing can be fitted: more than a quarter of the
/// exceedances are zero.
/// @param exceedances in rising order, at least one, >= 0 and finite
GeneralizedPareto fit_generalized_pareto(std::span<const double> exceedances);

}  // namespace jensen
