#include "jensen/core/pareto_smoothing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/generalized_pareto.hpp"

namespace jensen {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTied = 1e-10;  // nats: weights that differ by less are the same for any estimate

/// The draws of finite ratio, those of equal ratio in order of their numbers.
std::vector<Index> in_rising_order(std::span<const double> log_ratios) {
  std::vector<Index> draws;
  for (std::size_t i = 0; i < log_ratios.size(); ++i) {
    if (std::isnan(log_ratios[i]) || log_ratios[i] == kInfinity)
      throw NumericalError(
          fmt::format("the log importance ratio of draw {} is {} (must be a number, or -inf where the target "
                      "has no density; draws are numbered from 0)",
                      i, log_ratios[i]));
    if (log_ratios[i] != -kInfinity) draws.push_back(static_cast<Index>(i));
  }
  if (draws.empty())
    throw NumericalError(
        fmt::format("none of {} draws has a finite log importance ratio (must be at least one); look for "
                    "draws where the target has no density",
                    log_ratios.size()));
  std::ranges::stable_sort(draws, {}, [&](Index draw) { return log_ratios[static_cast<std::size_t>(draw)]; });
  return draws;
}

/// Smooths the tail in place, and says its k-hat.
/// @param tail rising log ratios, none above 0
/// @param cutoff the log ratio below them
double smooth(std::span<double> tail, double cutoff) {
  if (tail.back() - tail.front() < kTied) return 0;
  const double smallest = std::exp(cutoff), count = static_cast<double>(tail.size());
  std::vector<double> exceedances(tail.size());
  for (std::size_t i = 0; i < tail.size(); ++i) exceedances[i] = std::exp(tail[i]) - smallest;
  GeneralizedPareto fitted = fit_generalized_pareto(exceedances);
  if (!std::isfinite(fitted.shape)) return kInfinity;
  fitted.shape = (count * fitted.shape + 10 * 0.5) / (count + 10);
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const double expected = fitted.quantile((static_cast<double>(i) + 0.5) / count);
    tail[i] = std::min(std::log(smallest + expected), 0.0);
  }
  return fitted.shape;
}

}  // namespace

std::vector<double> ParetoSmoothed::weights() const {
  std::vector<double> weights = log_weights;
  for (double& weight : weights) weight = std::exp(weight);
  return weights;
}

ParetoSmoothed pareto_smooth(std::span<const double> log_ratios) {
  const std::vector<Index> draws = in_rising_order(log_ratios);
  const double largest = log_ratios[static_cast<std::size_t>(draws.back())];
  std::vector<double> rising(draws.size());
  for (std::size_t i = 0; i < draws.size(); ++i)
    rising[i] = log_ratios[static_cast<std::size_t>(draws[i])] - largest;

  ParetoSmoothed result;
  result.k_hat = kInfinity;
  const auto finite = static_cast<double>(draws.size());
  if (std::ssize(draws) >= kFewestSmoothedDraws) {
    const auto length = static_cast<std::size_t>(std::ceil(std::min(finite / 5, 3 * std::sqrt(finite))));
    result.k_hat = smooth(std::span(rising).last(length), rising[rising.size() - length - 1]);
    if (std::isfinite(result.k_hat)) result.tail_length = static_cast<Index>(length);
  }

  double sum = 0, sum_of_squares = 0;
  for (const double log_ratio : rising) {
    sum += std::exp(log_ratio);
    sum_of_squares += std::exp(2 * log_ratio);
  }
  result.log_weights = std::vector<double>(log_ratios.size(), -kInfinity);
  for (std::size_t i = 0; i < draws.size(); ++i)
    result.log_weights[static_cast<std::size_t>(draws[i])] = rising[i] - std::log(sum);
  result.effective_draws = sum * sum / sum_of_squares;
  result.log_mean_ratio = largest + std::log(sum) - std::log(static_cast<double>(log_ratios.size()));
  return result;
}

double k_hat_threshold(Index draws) {
  if (draws <= 10) return 0;
  return std::min(1 - 1 / std::log10(static_cast<double>(draws)), 0.7);
}

}  // namespace jensen
