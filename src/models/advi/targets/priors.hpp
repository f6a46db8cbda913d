#pragma once

#include <cmath>
#include <numbers>

/// Log densities of priors, constants included; their derivatives are added to `slope`.
namespace jensen::advi {

inline double normal(double x, double mean, double sd, double& slope) {
  const double z = (x - mean) / sd;
  slope -= z / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * std::log(2 * std::numbers::pi);
}

inline double half_normal(double x, double sd, double& slope) {
  return normal(x, 0, sd, slope) + std::numbers::ln2;
}

inline double half_cauchy(double x, double& slope) {
  slope -= 2 * x / (1 + x * x);
  return std::log(2 / std::numbers::pi) - std::log1p(x * x);
}

inline double exponential(double x, double mean, double& slope) {
  slope -= 1 / mean;
  return -std::log(mean) - x / mean;
}

/// log x ~ N(log median, sd^2).
inline double log_normal(double x, double median, double sd, double& slope) {
  const double log_x = std::log(x);
  double of_log = 0;
  const double density = normal(log_x, std::log(median), sd, of_log) - log_x;
  slope += (of_log - 1) / x;
  return density;
}

/// s chi_k: the length of k independent normals N(0, s^2).
inline double scaled_chi(double x, double s, double k, double& slope) {
  slope += (k - 1) / x - x / (s * s);
  return (1 - 0.5 * k) * std::numbers::ln2 - std::lgamma(0.5 * k) - k * std::log(s) + (k - 1) * std::log(x) -
         0.5 * (x / s) * (x / s);
}

}  // namespace jensen::advi
