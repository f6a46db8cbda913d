#include "jensen/models/advi/laplace.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>

#include "jensen/models/advi/density.hpp"
#include "quasi_newton.hpp"
#include "surface.hpp"

namespace jensen::advi {
namespace {

constexpr Index kPointsInPass = 512;       // of differences, at most: their sums take memory
constexpr double kFirstDifference = 1e-4;  // of a number, relative to it or absolute
constexpr double kDifference = 1e-3;       // in standard deviations, once these are known
constexpr double kLeastCurvature = 1e-10;  // relative, in coordinates of unit curvature
constexpr double kLeastStepCurvature = 1e-8;
constexpr double kNear = 1e-2;   // standard deviations: closer to the mode full steps need no search
constexpr double kClose = 1e-4;  // where rounding may be all that is left
constexpr double kLeastFall = 0.05;

/// A log density around a point.
struct Expansion {
  double value = 0;
  Vector gradient = {};   // p
  Matrix precision = {};  // p x p
  bool finite() const { return std::isfinite(value) && gradient.allFinite() && precision.allFinite(); }
};

/// What differences are taken over, in each coordinate.
Vector difference_steps(const Vector& zeta, const Matrix& precision) {
  Vector steps = kFirstDifference * zeta.cwiseAbs().cwiseMax(1);
  for (Index j = 0; j < precision.cols(); ++j) {
    const double curvature = std::abs(precision(j, j)), rounding = 1e-7 * std::max(1.0, std::abs(zeta[j]));
    if (curvature > 0) steps[j] = std::clamp(kDifference / std::sqrt(curvature), rounding, 100 * steps[j]);
  }
  return steps;
}

Expansion expand(const Surface& surface, const Vector& zeta, const Vector& steps) {
  const Index size = zeta.size(), in_pass = std::min(size, kPointsInPass / 2);
  Expansion expansion{.precision = Matrix(size, size)};
  for (Index first = 0; first < size; first += in_pass) {
    const Index count = std::min(in_pass, size - first);
    Matrix points = zeta.replicate(1, 2 * count + 1);
    for (Index j = 0; j < count; ++j) {
      points(first + j, 2 * j) += steps[first + j];
      points(first + j, 2 * j + 1) -= steps[first + j];
    }
    const auto [values, gradients] = surface.gradients(points);
    for (Index j = 0; j < count; ++j) {
      const double width = points(first + j, 2 * j) - points(first + j, 2 * j + 1);
      expansion.precision.col(first + j) = (gradients.col(2 * j + 1) - gradients.col(2 * j)) / width;
    }
    expansion.value = values[2 * count];
    expansion.gradient = gradients.col(2 * count);
  }
  expansion.precision = (0.5 * (expansion.precision + expansion.precision.transpose())).eval();
  return expansion;
}

/// The precision in coordinates of its own diagonal, in which its eigenvalues can be compared.
struct Axes {
  Vector scales;   // p: P = diag(1/scales) V diag(values) V' diag(1/scales)
  Vector values;   // in rising order
  Matrix vectors;  // V

  explicit Axes(const Matrix& precision) : scales(precision.diagonal().cwiseAbs().cwiseSqrt()) {
    const double most = scales.maxCoeff();
    for (double& scale : scales) scale = scale > 1e-150 * most ? 1 / scale : 1;
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(scales.asDiagonal() * precision * scales.asDiagonal());
    values = solver.eigenvalues();
    vectors = solver.eigenvectors();
  }

  bool positive() const { return values[0] > kLeastCurvature * values[values.size() - 1]; }
  Vector step(const Vector& gradient, double& distance) const {
    const double least = kLeastStepCurvature * values.cwiseAbs().maxCoeff();
    const Vector along = vectors.transpose() * scales.cwiseProduct(gradient);
    const Vector lengths = along.cwiseQuotient(values.cwiseAbs().cwiseMax(least));
    distance = std::sqrt(along.dot(lengths));
    return scales.cwiseProduct(vectors * lengths);
  }
  /// One standard deviation along axis j.
  Vector deviation(Index j) const { return scales.cwiseProduct(vectors.col(j)) / std::sqrt(values[j]); }
  /// The coordinate that counts most in axis j.
  Index main_coordinate(Index j) const {
    Index i = 0;
    vectors.col(j).cwiseAbs().maxCoeff(&i);
    return i;
  }
};

const char* name_of(Density density) {
  return density == Density::posterior ? "log posterior density" : "log-likelihood";
}

/// Where Newton's method ended.
struct Climb {
  Expansion at = {};
  Vector zeta = {};
  double distance = 0;
  Index iterations = 0;
  bool arrived = false;
};

Climb climb(const Surface& surface, const Vector& start, const LaplaceSettings& settings) {
  Climb climb{.zeta = start};
  double before = std::numeric_limits<double>::infinity();
  for (;; ++climb.iterations) {
    climb.at = expand(surface, climb.zeta, difference_steps(climb.zeta, climb.at.precision));
    if (!climb.at.finite()) return climb;
    const Axes axes(climb.at.precision);
    const Vector step = axes.step(climb.at.gradient, climb.distance);
    const bool at_rest = climb.distance < kClose && climb.distance > before / 2;
    climb.arrived = climb.distance <= settings.tolerance || at_rest;
    if (climb.arrived || climb.iterations == settings.max_iterations) return climb;
    before = climb.distance;
    if (climb.distance < kNear && axes.positive()) {
      climb.zeta += step;
      continue;
    }
    const auto found = search(surface, climb.zeta, step, climb.at.value);
    if (!found) return climb;
    climb.zeta = *found;
  }
}

/// Why there is no normal; empty where there is.
std::string refusal_of(const Target& target, const Surface& surface, const Climb& climb, const Axes& axes) {
  const char* const name = name_of(surface.which());
  if (!axes.positive()) {
    return fmt::format(
        "the {} is not curved downwards along '{}' (its information is singular, or the point a "
        "saddle); look for features that say the same, components that are alike, and parameters "
        "at the edge of their constraint",
        name, parameter_name(target, axes.main_coordinate(0)));
  }
  if (!climb.arrived) {
    return fmt::format(
        "no maximum of the {} was found in {} iterations: the next step would be {:.2g} standard deviations "
        "long; look for features far out of scale, or begin elsewhere",
        name, climb.iterations, climb.distance);
  }
  const Index size = climb.zeta.size();
  Matrix points(size, 2 * size);
  for (Index j = 0; j < size; ++j) {
    const Vector deviation = axes.deviation(j);
    points.col(2 * j) = climb.zeta + deviation;
    points.col(2 * j + 1) = climb.zeta - deviation;
  }
  const Vector values = surface.values(points);
  for (Index i = 0; i < values.size(); ++i) {
    const double fall = climb.at.value - values[i];
    if (fall >= kLeastFall) continue;
    const std::string change = std::isfinite(fall) ? fmt::format("changes by {:.2g} nats over", -fall)
                                                   : std::string("is not finite beyond");
    return fmt::format(
        "the {} has no maximum along '{}': it {} a standard deviation, where a normal falls by 0.5; look for "
        "responses that the features separate, features that say the same, and parameters at the edge of "
        "their "
        "constraint",
        name, parameter_name(target, axes.main_coordinate(i / 2)), change);
  }
  return {};
}

}  // namespace

Laplace laplace(const std::shared_ptr<const Target>& target, const Vector& start, const ResponseShard& shard,
                const Communicator& comm, const LaplaceSettings& settings) {
  const Surface surface(target, settings.density, shard, comm);
  Vector first = start;
  Index iterations = 0;
  if (start.size() > settings.newton_limit)
    first = climb_by_gradients(surface, start, 10 * settings.max_iterations, kNear, iterations);
  const Climb climb = advi::climb(surface, first, settings);
  Laplace result{.mode = climb.zeta,
                 .log_density = climb.at.value,
                 .distance = climb.distance,
                 .precision = climb.at.precision,
                 .iterations = iterations + climb.iterations};
  if (!climb.at.finite()) {
    result.refusal = fmt::format(
        "the {} is NaN or infinite at or beside iteration {} of the search for its maximum; "
        "look for records far out of range, or begin elsewhere",
        name_of(settings.density), climb.iterations);
    return result;
  }
  const Axes axes(climb.at.precision);
  result.refusal = refusal_of(*target, surface, climb, axes);
  if (!result.found()) return result;
  const Matrix root =
      axes.scales.asDiagonal() * axes.vectors * axes.values.cwiseSqrt().cwiseInverse().asDiagonal();
  result.covariance = root * root.transpose();
  const double log_determinant = 2 * axes.scales.array().log().sum() - axes.values.array().log().sum();
  const auto size = static_cast<double>(start.size());
  result.log_evidence = climb.at.value + 0.5 * (size * std::log(2 * std::numbers::pi) + log_determinant);
  return result;
}

Matrix sandwich_covariance(const Target& target, const Laplace& fit, const ResponseShard& shard,
                           const Communicator& comm) {
  return fit.covariance * score_products(target, fit.mode, shard, comm) * fit.covariance;
}

std::string parameter_name(const Target& target, Index unconstrained) {
  for (const ParameterBlock& block : target.parameters()) {
    const Index size = unconstrained_size(block);
    if (unconstrained < size)
      return size == 1 ? block.name : fmt::format("{}[{}]", block.name, unconstrained);
    unconstrained -= size;
  }
  return "";
}

}  // namespace jensen::advi
