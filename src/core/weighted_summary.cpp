#include "jensen/core/weighted_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "jensen/core/error.hpp"

namespace jensen {

namespace {

struct WeightedDraws {
  std::vector<std::pair<double, double>> values;  // draw, weight > 0
  double total = 0;
};

WeightedDraws checked(std::span<const double> draws, std::span<const double> weights) {
  if (draws.size() != weights.size())
    throw NumericalError(
        fmt::format("{} draws have {} weights (must be one each)", draws.size(), weights.size()));
  WeightedDraws result;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    if (!(weights[i] >= 0) || !std::isfinite(weights[i]))
      throw NumericalError(fmt::format(
          "the weight of draw {} is {} (must be finite and not negative; draws are numbered from 0)", i,
          weights[i]));
    if (weights[i] == 0) continue;
    if (!std::isfinite(draws[i]))
      throw NumericalError(
          fmt::format("draw {} is {} (must be finite; draws are numbered from 0)", i, draws[i]));
    result.values.emplace_back(draws[i], weights[i]);
    result.total += weights[i];
  }
  if (!(result.total > 0))
    throw NumericalError(
        fmt::format("{} draws have no weight (must be above 0 for one at least)", draws.size()));
  return result;
}

}  // namespace

WeightedSummary weighted_summary(std::span<const double> draws, std::span<const double> weights) {
  const auto [values, total] = checked(draws, weights);
  WeightedSummary summary;
  for (const auto& [draw, weight] : values) summary.mean += weight / total * draw;
  double variance = 0, error = 0;
  for (const auto& [draw, weight] : values) {
    const double share = weight / total, deviation = draw - summary.mean;
    variance += share * deviation * deviation;
    error += share * share * deviation * deviation;
  }
  summary.sd = std::sqrt(variance);
  summary.mean_error = std::sqrt(error);
  return summary;
}

std::vector<double> weighted_quantiles(std::span<const double> draws, std::span<const double> weights,
                                       std::span<const double> probabilities) {
  auto [values, total] = checked(draws, weights);
  std::ranges::sort(values);
  std::vector<double> below(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) below[i] = sum += values[i].second;
  std::vector<double> quantiles;
  for (const double probability : probabilities) {
    const auto position = std::ranges::lower_bound(below, (probability - 1e-13) * total) - below.begin();
    quantiles.push_back(values[std::min(static_cast<std::size_t>(position), values.size() - 1)].first);
  }
  return quantiles;
}

}  // namespace jensen
