#include "jensen/models/lda/concentration.hpp"

#include <algorithm>
#include <cmath>

#include "jensen/core/trigamma.hpp"
#include "scalar.hpp"

namespace jensen::lda {
namespace {

constexpr double kLeast = 1e-6, kMost = 1e6;
constexpr int kMostSteps = 200, kMostHalvings = 50;
constexpr double kSettled = 1e-12;  // relative change

/// Climbs from a along `direction`, halved until `value` does not fall; returns whether it moved.
template <class Point, class Step, class Value>
bool climb(Point& a, double& best, Step step, Value value) {
  double length = 1;
  for (int i = 0; i < kMostHalvings; ++i, length /= 2) {
    const Point next = step(length);
    const double reached = value(next);
    if (!(reached > best)) continue;
    a = next, best = reached;
    return true;
  }
  return false;
}

}  // namespace

double dirichlet_log_likelihood(const Vector& concentration, double draws, const Vector& log_sums) {
  double log_normaliser = log_gamma(concentration.sum());
  for (const double a : concentration) log_normaliser -= log_gamma(a);
  return draws * log_normaliser + (concentration.array() - 1).matrix().dot(log_sums);
}

Vector fit_concentration(const Vector& start, double draws, const Vector& log_sums) {
  if (!(draws > 0)) return start;
  const auto value = [&](const Vector& a) { return dirichlet_log_likelihood(a, draws, log_sums); };
  Vector a = start;
  double best = value(a);
  for (int t = 0; t < kMostSteps; ++t) {
    const double sum = a.sum(), of_sum = digamma(sum);
    Vector gradient(a.size()), curvature(a.size());
    for (Index k = 0; k < a.size(); ++k) {
      gradient[k] = draws * (of_sum - digamma(a[k])) + log_sums[k];
      curvature[k] = -draws * trigamma(a[k]);
    }
    // The Hessian is diag(curvature) + z 1 1': its inverse by Sherman and Morrison.
    const double z = draws * trigamma(sum);
    const double b = gradient.cwiseQuotient(curvature).sum() / (1 / z + curvature.cwiseInverse().sum());
    const Vector newton = -(gradient.array() - b) / curvature.array();
    // Along the straight step where that keeps all positive, else along its curve in the logarithms.
    const auto step = [&](double length) -> Vector {
      const Eigen::ArrayXd straight = a.array() + length * newton.array();
      const Eigen::ArrayXd curved =
          a.array() * (length * newton.array() / a.array()).max(-5.0).min(5.0).exp();
      return ((straight > 0).all() ? straight : curved).max(kLeast).min(kMost).matrix();
    };
    const Vector before = a;
    if (!climb(a, best, step, value)) break;
    if (((a - before).array().abs() <= kSettled * a.array()).all()) break;
  }
  return a;
}

double fit_symmetric_concentration(double start, Index dimensions, double draws, double log_sum) {
  if (!(draws > 0)) return start;
  const auto n = static_cast<double>(dimensions);
  const auto value = [&](double a) {
    return draws * (log_gamma(n * a) - n * log_gamma(a)) + (a - 1) * log_sum;
  };
  double a = start, best = value(a);
  for (int t = 0; t < kMostSteps; ++t) {
    const double gradient = draws * n * (digamma(n * a) - digamma(a)) + log_sum;
    const double curvature = draws * n * (n * trigamma(n * a) - trigamma(a));
    // Newton on log a, where the function is concave too: d/dx = a d/da.
    const double slope = a * gradient, bend = a * a * curvature + slope;
    const double newton = bend < 0 ? -slope / bend : (slope > 0 ? 1.0 : -1.0);
    const auto step = [&](double length) {
      return std::clamp(a * std::exp(std::clamp(length * newton, -5.0, 5.0)), kLeast, kMost);
    };
    const double before = a;
    if (!climb(a, best, step, value)) break;
    if (std::abs(a - before) <= kSettled * a) break;
  }
  return a;
}

}  // namespace jensen::lda
