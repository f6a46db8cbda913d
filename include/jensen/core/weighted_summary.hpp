#pragma once

#include <span>
#include <vector>

namespace jensen {

/// Moments of the distribution that weighted draws stand for.
struct WeightedSummary {
  double mean = 0;
  double sd = 0;          // sqrt(sum w (x - mean)^2 / sum w), without a correction for S
  double mean_error = 0;  // Monte Carlo standard error of the mean: sqrt(sum w^2 (x - mean)^2) / sum w
};

/// Draws of weight 0 count for nothing, whatever their value.
/// @param weights S, not normalised
/// @throws NumericalError for other lengths, negative or non-finite weights, no weight above 0, and a draw of
///   positive weight that is not finite
WeightedSummary weighted_summary(std::span<const double> draws, std::span<const double> weights);

/// For each probability p in [0, 1] the smallest draw with at least p of the weight at or below it (the
/// inverse of the weighted distribution function, to 1e-13 of the weight): always one of the draws, the same
/// if a draw's weight is split.
/// @throws NumericalError as above
std::vector<double> weighted_quantiles(std::span<const double> draws, std::span<const double> weights,
                                       std::span<const double> probabilities);

}  // namespace jensen
