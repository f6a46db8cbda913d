#include "quasi_newton.hpp"

#include <cmath>
#include <deque>

namespace jensen::advi {
namespace {

constexpr double kParts[] = {1, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-4};  // of a step
constexpr Index kPairs = 10;                                              // that L-BFGS remembers

/// Changes of the point and of the gradient: minus the Hessian times the one is about minus the other.
struct Pair {
  Vector point, gradient;
  double product;  // of the two, below 0
};

/// An estimate of the inverse of minus the Hessian, times the gradient.
Vector direction(const std::deque<Pair>& pairs, Vector gradient) {
  if (pairs.empty()) return gradient / gradient.norm();
  std::vector<double> parts;
  for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
    parts.push_back(pair->point.dot(gradient) / pair->product);
    gradient -= parts.back() * pair->gradient;
  }
  gradient *= -pairs.back().product / pairs.back().gradient.squaredNorm();
  for (const Pair& pair : pairs) {
    const double back = pair.gradient.dot(gradient) / pair.product;
    gradient -= (parts.back() + back) * pair.point;
    parts.pop_back();
  }
  return gradient;
}

}  // namespace

std::optional<Vector> search(const Surface& surface, const Vector& zeta, const Vector& step, double value) {
  for (const double shortening : {1.0, 1e-5}) {
    Matrix points(zeta.size(), std::ssize(kParts));
    for (Index s = 0; s < points.cols(); ++s) points.col(s) = zeta + shortening * kParts[s] * step;
    const Vector values = surface.values(points);
    Index best = -1;
    for (Index s = 0; s < points.cols(); ++s) {
      const double least = best < 0 ? value : values[best];
      if (std::isfinite(values[s]) && values[s] > least) best = s;
    }
    if (best >= 0) return points.col(best);
  }
  return std::nullopt;
}

Vector climb_by_gradients(const Surface& surface, const Vector& start, Index max_iterations, double tolerance,
                          Index& iterations) {
  std::deque<Pair> pairs;
  Vector zeta = start;
  auto [values, gradient] = surface.gradients(zeta);
  for (iterations = 0; iterations < max_iterations; ++iterations) {
    if (!std::isfinite(values[0]) || !gradient.allFinite()) break;
    const Vector slope = gradient, step = direction(pairs, slope);
    if (!pairs.empty() && slope.dot(step) < tolerance * tolerance) break;
    const std::optional<Vector> next = search(surface, zeta, step, values[0]);
    if (!next) break;
    auto [next_values, next_gradient] = surface.gradients(*next);
    Pair pair{.point = *next - zeta, .gradient = next_gradient - gradient, .product = 0};
    pair.product = pair.point.dot(pair.gradient);
    const double least = 1e-10 * pair.point.norm() * pair.gradient.norm();
    if (pair.product < -least) pairs.push_back(pair);
    if (std::ssize(pairs) > kPairs) pairs.pop_front();
    zeta = *next;
    values = next_values;
    gradient = next_gradient;
  }
  return zeta;
}

}  // namespace jensen::advi
