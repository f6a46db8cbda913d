#include "jensen/core/chain_summary.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace jensen {

namespace {

struct Moments {
  double mean = 0;
  double variance = 0;  // over n - 1
};

Moments moments_of(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  Moments moments;
  for (const double value : values) moments.mean += value / count;
  for (const double value : values) moments.variance += std::pow(value - moments.mean, 2) / (count - 1);
  return moments;
}

/// The standard error of the mean, by batches that do not reach over the end of a chain.
double batch_means_error(std::span<const double> values, std::size_t length) {
  const auto batch = static_cast<std::size_t>(std::sqrt(static_cast<double>(length)));
  std::vector<double> means;
  for (std::size_t start = 0; start < values.size(); start += length)
    for (std::size_t i = 0; i < length / batch; ++i)
      means.push_back(moments_of(values.subspan(start + i * batch, batch)).mean);
  return std::sqrt(moments_of(means).variance / static_cast<double>(means.size()));
}

double split_r_hat(std::span<const double> values, std::size_t length) {
  const std::size_t half = length / 2;
  std::vector<double> means, variances;
  for (std::size_t start = 0; start < values.size(); start += length)
    for (const std::size_t first : {start, start + length - half}) {
      const Moments moments = moments_of(values.subspan(first, half));
      means.push_back(moments.mean);
      variances.push_back(moments.variance);
    }
  const double within = moments_of(variances).mean, between = moments_of(means).variance;
  if (!(within > 0)) return std::numeric_limits<double>::infinity();
  const auto draws = static_cast<double>(half);
  return std::sqrt((draws - 1) / draws + between / within);
}

}  // namespace

ChainSummary summarise_chains(std::span<const double> values, Index chains) {
  const std::size_t length = values.size() / static_cast<std::size_t>(chains);
  const Moments all = moments_of(values);
  ChainSummary summary{.mean = all.mean,
                       .sd = std::sqrt(all.variance),
                       .mean_error = batch_means_error(values, length),
                       .r_hat = split_r_hat(values, length)};
  std::vector<double> squares(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) squares[i] = std::pow(values[i] - all.mean, 2);
  // d sd = d variance / (2 sd)
  summary.sd_error = summary.sd > 0 ? batch_means_error(squares, length) / (2 * summary.sd) : 0;
  return summary;
}

}  // namespace jensen
