#pragma once

#include <span>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// Draws of q with their importance weights for p, whose largest are smoothed.
struct ParetoSmoothed {
  std::vector<double> log_weights;  // S, of sum 1 as weights; -inf where p has no density
  double k_hat = 0;                 // shape of the tail of p / q; trust weights below `k_hat_threshold`
  double effective_draws = 0;       // 1 / sum of squared weights: as many draws of p tell as much of a mean
  double log_mean_ratio = 0;        // of all S smoothed ratios: estimates log(integral of p)
  Index tail_length = 0;            // the number of ratios that k-hat was found from; 0 where it is inf

  std::vector<double> weights() const;
};

/// Fewer draws of finite ratio than this have no tail to look at.
inline constexpr Index kFewestSmoothedDraws = 21;

/// Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao and Gabry 2024). The M = min(S / 5,
/// 3 sqrt(S)) largest ratios, M rounded up, give way to the expected order statistics of the generalised
/// Pareto distribution fitted to their exceedances over the next smaller one, up to the largest raw ratio.
/// k-hat is its shape under a weak prior worth 10 exceedances of shape 1/2.
/// - A ratio of -inf, a draw where p has no density, has weight 0 and counts for S in `log_mean_ratio` alone.
/// - Ratios of a tail that are equal to 1e-10 stay as they are: k-hat = 0, as the ratio is bounded.
/// - k-hat = inf and nothing is smoothed with fewer than `kFewestSmoothedDraws` finite ratios, and where more
/// than a
///   quarter of the exceedances are 0 (ties, or ratios too far apart for double precision).
/// @param log_ratios log p - log q of S draws of q, up to a constant
/// @throws NumericalError for NaN, +inf, and where no ratio is finite
ParetoSmoothed pareto_smooth(std::span<const double> log_ratios);

/// min(1 - 1 / log10(S), 0.7): from larger k-hats on, S draws are too few for a reliable mean, and above 0.7
/// any practical number is (Vehtari et al. 2024). 0 for 10 draws or fewer.
double k_hat_threshold(Index draws);

}  // namespace jensen
