#include "jensen/models/mixture/divergence_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace jensen::mixture {
namespace {

using Array = Eigen::ArrayXd;

/// For each a: log sum_b exp(log_terms(a, b)).
Array log_sums(const Matrix& log_terms) {
  const Array largest = log_terms.rowwise().maxCoeff();
  return largest + (log_terms.array().colwise() - largest).exp().rowwise().sum().log();
}

/// For each f_a: log sum_b omega_b exp(-KL(f_a || g_b)). With the entropy of f_a taken off it is at most
/// E_(f_a)[log q] (Jensen's inequality, at the best weights).
Array log_likeness(const Matrix& divergences, const Vector& weights) {
  return log_sums((-divergences).rowwise() + weights.array().log().matrix().transpose());
}

std::vector<Matrix> covariances(const GaussianComponents& p) {
  std::vector<Matrix> all;
  for (const CovarianceRoot& root : p.roots) all.emplace_back(root.lower() * root.lower().transpose());
  return all;
}

const Matrix& one_of(const std::vector<Matrix>& covariances, Index k) {
  return covariances[covariances.size() == 1 ? 0 : static_cast<std::size_t>(k)];
}

/// log of the integral of f_a g_b: the density of one mean under the other, with both covariances.
Matrix log_overlaps(const GaussianComponents& p, const GaussianComponents& q) {
  Matrix overlaps(p.size(), q.size());
  const double log_unit = static_cast<double>(p.means.rows()) * std::log(2 * std::numbers::pi);
  const std::vector<Matrix> of_p = covariances(p), of_q = covariances(q);
  for (Index b = 0; b < q.size(); ++b) {
    for (Index a = 0; a < p.size(); ++a) {
      const CovarianceRoot both(one_of(of_p, a) + one_of(of_q, b), "a sum of covariances");
      const double distance = both.solve(p.means.col(a) - q.means.col(b)).squaredNorm();
      overlaps(a, b) = -0.5 * (log_unit + both.log_determinant() + distance);
    }
  }
  return overlaps;
}

/// For each f_a: log of the integral of f_a q. It is at least E_(f_a)[log q] (Jensen's inequality, outside).
Array log_overlap(const GaussianComponents& p, const GaussianComponents& q) {
  return log_sums(log_overlaps(p, q).rowwise() + q.weights.array().log().matrix().transpose());
}

Array entropies(const GaussianComponents& p) {
  Array values(p.size());
  const double unit = 0.5 * static_cast<double>(p.means.rows()) * (1 + std::log(2 * std::numbers::pi));
  for (Index a = 0; a < p.size(); ++a) values[a] = unit + 0.5 * p.root(a).log_determinant();
  return values;
}

/// The minimum over phi and psi of
///
///     sum_ab phi_ab (log(phi_ab / psi_ab) + divergence_ab),
///
/// where rows of phi add up to p's weights pi and columns of psi to q's weights omega. By the log-sum
/// inequality it is at least KL(p || q), whatever phi and psi are. Each is minimised in turn; once phi is,
/// the sum is that of pi_a log(pi_a / sum_b psi_ab exp(-divergence_ab)).
double variational_upper_bound(const Matrix& divergences, const Vector& pi, const Vector& omega) {
  constexpr int kMostSteps = 1000;
  constexpr double kRelativeGain = 1e-13, kRounding = 1e-14;
  const Array nearest = divergences.rowwise().minCoeff();
  const Eigen::ArrayXXd likeness = (-(divergences.array().colwise() - nearest)).exp();
  Eigen::ArrayXXd psi = (pi * omega.transpose()).array();
  double bound = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kMostSteps && bound > 0; ++step) {
    Eigen::ArrayXXd phi = psi * likeness;
    const Array sums = phi.rowwise().sum();
    const double now = (pi.array() * (pi.array().log() - sums.log() + nearest)).sum();
    if (!(bound - now > kRelativeGain * now) && !(now < kRounding)) break;
    bound = now;
    phi.colwise() *= pi.array() / sums;
    for (Index b = 0; b < psi.cols(); ++b) {
      const double sum = phi.col(b).sum();
      if (sum > 0) psi.col(b) = phi.col(b) * (omega[b] / sum);  // else any psi serves: no f_a is near g_b
    }
  }
  return std::max(bound, 0.0);
}

}  // namespace

Matrix pairwise_divergences(const GaussianComponents& p, const GaussianComponents& q) {
  Matrix divergences(p.size(), q.size());
  for (Index b = 0; b < q.size(); ++b) {
    for (Index a = 0; a < p.size(); ++a)
      divergences(a, b) = gaussian_divergence(p.means.col(a) - q.means.col(b), p.root(a), q.root(b));
  }
  return divergences;
}

DivergenceBounds bound_divergence(const GaussianComponents& p, const GaussianComponents& q) {
  const Matrix across = pairwise_divergences(p, q);
  const Array like_p = log_likeness(pairwise_divergences(p, p), p.weights);
  const Array like_q = log_likeness(across, q.weights), entropy = entropies(p);
  const auto mean = [&](const Array& values) { return (p.weights.array() * values).sum(); };
  return {.variational = mean(like_p - like_q),
          .variational_upper = variational_upper_bound(across, p.weights, q.weights),
          .lower = mean(like_p - entropy - log_overlap(p, q)),
          .upper = mean(log_overlap(p, p) - like_q + entropy)};
}

}  // namespace jensen::mixture
