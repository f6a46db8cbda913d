#include "jensen/core/generalized_pareto.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jensen {

namespace {

/// The most likely distribution of those with shape / scale = -theta.
GeneralizedPareto most_likely(std::span<const double> exceedances, double theta) {
  double sum = 0, sum_of_logs = 0;
  for (const double x : exceedances) {
    sum += x;
    sum_of_logs += std::log1p(-theta * x);
  }
  const auto count = static_cast<double>(exceedances.size());
  const double shape = sum_of_logs / count;
  return {shape, theta == 0 ? sum / count : -shape / theta};
}

}  // namespace

double GeneralizedPareto::quantile(double probability) const {
  const double exponential = -std::log1p(-probability);
  return scale * (shape == 0 ? exponential : std::expm1(shape * exponential) / shape);
}

GeneralizedPareto fit_generalized_pareto(std::span<const double> exceedances) {
  const std::size_t count = exceedances.size();
  const double n = static_cast<double>(count), largest = exceedances.back();
  const double first_quartile = exceedances[std::max<std::size_t>((count + 2) / 4, 1) - 1];
  if (!(first_quartile > 0)) return {std::numeric_limits<double>::infinity(), 1};

  // theta_j = 1 / x_n + (1 - sqrt(m / (j - 1/2))) / (3 x_(n/4)), weighed by their profile likelihoods
  const auto points = 30 + static_cast<std::size_t>(std::sqrt(n));
  std::vector<double> thetas(points), log_likelihoods(points);
  for (std::size_t j = 0; j < points; ++j) {
    const double step = 1 - std::sqrt(static_cast<double>(points) / (static_cast<double>(j) + 0.5));
    thetas[j] = 1 / largest + step / (3 * first_quartile);
    const GeneralizedPareto fitted = most_likely(exceedances, thetas[j]);
    log_likelihoods[j] = -n * (std::log(fitted.scale) + fitted.shape + 1);
  }
  const double highest = std::ranges::max(log_likelihoods);
  double weights = 0, weighted = 0;
  for (std::size_t j = 0; j < points; ++j) {
    const double weight = std::exp(log_likelihoods[j] - highest);
    weights += weight;
    weighted += weight * thetas[j];
  }
  return most_likely(exceedances, weighted / weights);
}

}  // namespace jensen
