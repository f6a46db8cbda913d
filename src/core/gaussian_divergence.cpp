#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

#include "jensen/core/divergence.hpp"
#include "jensen/core/error.hpp"

namespace jensen {
namespace {

constexpr double kSymmetry = 1e-9;  // in units of the standard deviations

/// x^2 - 1 - log x^2 for x > 0.
double excess(double x) {
  const double t = (x - 1) * (x + 1);
  return std::abs(t) < 0.5 ? -boost::math::log1pmx(t) : t - 2 * std::log(x);
}

}  // namespace

CovarianceRoot::CovarianceRoot(const Matrix& covariance, const char* name) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("{} is not {} (must be)", name, what));
  };
  if (covariance.size() == 0 || covariance.rows() != covariance.cols()) {
    throw InputError(fmt::format("{} is {} x {} (must be D x D, D at least 1)", name, covariance.rows(),
                                 covariance.cols()));
  }
  if (!covariance.allFinite()) refuse("finite everywhere");
  const Vector sd = covariance.diagonal().cwiseMax(0).cwiseSqrt();
  const Matrix difference = covariance - covariance.transpose();
  if (!(difference.array().abs() <= kSymmetry * (sd * sd.transpose()).array()).all()) refuse("symmetric");
  diagonal_ = covariance.isDiagonal(0);
  if (diagonal_) {
    if (!(covariance.diagonal().minCoeff() > 0)) refuse("positive definite");
    lower_ = Matrix(sd.asDiagonal());
    return;
  }
  const Eigen::LLT<Matrix> cholesky(covariance);
  if (cholesky.info() != Eigen::Success) refuse("positive definite");
  lower_ = cholesky.matrixL();
}

double CovarianceRoot::log_determinant() const {
  return 2 * lower_.diagonal().array().log().sum();
}

/// Row by row, with true divisions: of a matrix and itself comes the identity, to the bit.
Matrix CovarianceRoot::solve(const Matrix& b) const {
  if (diagonal_) return (b.array().colwise() / lower_.diagonal().array()).matrix();
  Matrix x = b;
  for (Index i = 0; i < size(); ++i) {
    if (i > 0) x.row(i).noalias() -= lower_.row(i).head(i) * x.topRows(i);
    x.row(i) /= lower_(i, i);
  }
  return x;
}

/// With M = L_q^-1 L_p, which is lower triangular, trace and determinant of the covariances' quotient are
/// sums over M, and every term is 0 or more:
///
///     2 KL = sum_i (M_ii^2 - 1 - log M_ii^2) + sum_(i > j) M_ij^2 + |L_q^-1 difference|^2
double gaussian_divergence(const Vector& difference, const CovarianceRoot& p, const CovarianceRoot& q) {
  const Matrix quotient = q.solve(p.lower());
  double twice = q.solve(difference).squaredNorm();
  for (Index i = 0; i < q.size(); ++i)
    twice += excess(quotient(i, i)) + quotient.row(i).head(i).squaredNorm();
  return 0.5 * twice;
}

double kl_divergence(const Gaussian& p, const Gaussian& q) {
  const CovarianceRoot p_root(p.covariance, "the covariance of p"),
      q_root(q.covariance, "the covariance of q");
  if (p_root.size() != q_root.size()) {
    throw InputError(
        fmt::format("p has {} dimensions and q has {} (must be as many)", p_root.size(), q_root.size()));
  }
  for (const auto& [gaussian, name] : {std::pair(&p, "p"), std::pair(&q, "q")}) {
    if (gaussian->mean.size() == p_root.size() && gaussian->mean.allFinite()) continue;
    throw InputError(fmt::format("the mean of {} has {} values (must be {}, and finite)", name,
                                 gaussian->mean.size(), p_root.size()));
  }
  return gaussian_divergence(p.mean - q.mean, p_root, q_root);
}

}  // namespace jensen
