#include <algorithm>
#include <cmath>

#include "constraint_maps.hpp"

namespace jensen::advi {

namespace {

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

double RealMap::constrain(const ParameterBlock&, Given zeta, Numbers theta) {
  std::ranges::copy(zeta, theta.begin());
  return 0;
}

void RealMap::pull_back(const ParameterBlock&, Given, Given, Given gradient, double, Numbers sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += gradient[i];
}

void RealMap::unconstrain(const ParameterBlock&, Given theta, Numbers zeta) {
  std::ranges::copy(theta, zeta.begin());
}

double PositiveMap::constrain(const ParameterBlock&, Given zeta, Numbers theta) {
  double log_jacobian = 0;
  for (std::size_t i = 0; i < zeta.size(); ++i) {
    theta[i] = std::exp(zeta[i]);
    log_jacobian += zeta[i];
  }
  return log_jacobian;
}

void PositiveMap::pull_back(const ParameterBlock&, Given, Given theta, Given gradient, double weight,
                            Numbers sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += gradient[i] * theta[i] + weight;
}

void PositiveMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  for (std::size_t i = 0; i < zeta.size(); ++i) {
    if (!(theta[i] > 0)) refuse_start(block, i, theta[i], "above 0");
    zeta[i] = std::log(theta[i]);
  }
}

double IntervalMap::constrain(const ParameterBlock& block, Given zeta, Numbers theta) {
  const double width = block.upper - block.lower, log_width = std::log(width);
  const double first = std::nextafter(block.lower, block.upper),
               last = std::nextafter(block.upper, block.lower);
  double log_jacobian = 0;
  for (std::size_t i = 0; i < zeta.size(); ++i) {
    const double tail = width * logistic(-std::abs(zeta[i]));  // the distance from the nearer end
    theta[i] = std::clamp(zeta[i] < 0 ? block.lower + tail : block.upper - tail, first, last);
    // theta' = width * logistic(zeta) * logistic(-zeta), even in zeta
    log_jacobian += log_width - std::abs(zeta[i]) - 2 * std::log1p(std::exp(-std::abs(zeta[i])));
  }
  return log_jacobian;
}

void IntervalMap::pull_back(const ParameterBlock& block, Given zeta, Given, Given gradient, double weight,
                            Numbers sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double slope = (block.upper - block.lower) * logistic(zeta[i]) * logistic(-zeta[i]);
    sum[i] += gradient[i] * slope - weight * std::tanh(0.5 * zeta[i]);
  }
}

void IntervalMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  for (std::size_t i = 0; i < zeta.size(); ++i) {
    if (!(block.lower < theta[i] && theta[i] < block.upper))
      refuse_start(block, i, theta[i],
                   fmt::format("between {} and {}, not at an end", block.lower, block.upper));
    zeta[i] = std::log(theta[i] - block.lower) - std::log(block.upper - theta[i]);
  }
}

double OrderedMap::constrain(const ParameterBlock&, Given zeta, Numbers theta) {
  double log_jacobian = 0;
  theta[0] = zeta[0];
  for (std::size_t i = 1; i < zeta.size(); ++i) {
    theta[i] = std::max(theta[i - 1] + std::exp(zeta[i]), std::nextafter(theta[i - 1], HUGE_VAL));
    log_jacobian += zeta[i];
  }
  return log_jacobian;
}

void OrderedMap::pull_back(const ParameterBlock&, Given zeta, Given, Given gradient, double weight,
                           Numbers sum) {
  double above = 0;  // zeta_i moves theta_i and all above it
  for (std::size_t i = sum.size() - 1; i > 0; --i) {
    above += gradient[i];
    sum[i] += above * std::exp(zeta[i]) + weight;
  }
  sum[0] += above + gradient[0];
}

void OrderedMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  zeta[0] = theta[0];
  for (std::size_t i = 1; i < zeta.size(); ++i) {
    if (!(theta[i] > theta[i - 1]))
      refuse_start(block, i, theta[i], fmt::format("above element {}, which is {}", i - 1, theta[i - 1]));
    zeta[i] = std::log(theta[i] - theta[i - 1]);
  }
}

}  // namespace jensen::advi
