#include "jensen/models/mixture/covariance.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/mixture/moments.hpp"

namespace jensen::mixture {
namespace {

Index stored_size(Quadratic form, Index features) {
  return form == Quadratic::packed ? features * features : quadratic_size(form, features);
}

bool clip_full(Eigen::Map<Matrix> sigma, const Vector& reference, double floor) {
  const Vector sd = reference.cwiseSqrt();
  const Vector inverse_sd = sd.cwiseInverse();
  Matrix relative = inverse_sd.asDiagonal() * sigma * inverse_sd.asDiagonal();
  // Positive definite above the floor: nothing to clip, for a ninth of the price of the eigenvalues.
  Matrix above = relative;
  above.diagonal().array() -= floor;
  if (Eigen::LLT<Matrix>(above).info() == Eigen::Success) return false;
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(relative);
  if (eigen.eigenvalues()[0] >= floor) return false;
  const Vector clipped = eigen.eigenvalues().cwiseMax(floor);
  relative = eigen.eigenvectors() * clipped.asDiagonal() * eigen.eigenvectors().transpose();
  const Matrix result = sd.asDiagonal() * relative * sd.asDiagonal();
  sigma = 0.5 * (result + result.transpose());
  return true;
}

}  // namespace

Covariances::Covariances(Quadratic f, Index d, Index n)
    : form(f), features(d), values(Matrix::Zero(stored_size(f, d), n)) {}

Matrix Covariances::dense(Index c) const {
  if (form == Quadratic::packed) return full(c);
  return variances(c).asDiagonal();
}

Matrix Covariances::dense_in_units(const Transform& transform, Index c) const {
  const Vector inverse_scale = transform.scale.cwiseInverse();
  return inverse_scale.asDiagonal() * dense(c) * inverse_scale.asDiagonal();
}

Vector Covariances::variances(Index c) const {
  if (form == Quadratic::packed) return full(c).diagonal();
  if (form == Quadratic::squares) return values.col(c);
  return Vector::Constant(features, values(0, c));
}

PrecisionRoot precision_root(const Covariances& covariances, Index c, const char* advice) {
  PrecisionRoot root;
  if (covariances.form == Quadratic::packed) {
    const Index d = covariances.features;
    const Eigen::LLT<Matrix> cholesky(covariances.full(c));
    if (cholesky.info() != Eigen::Success || !covariances.full(c).allFinite()) {
      throw NumericalError(
          fmt::format("the covariance of component {} is not positive definite (must be); {}", c, advice));
    }
    root.whitening = cholesky.matrixL().solve(Matrix::Identity(d, d));
    root.log_determinant = root.whitening.diagonal().array().log().sum();
    return root;
  }
  const Vector variances = covariances.variances(c);
  if (!(variances.minCoeff() > 0) || !variances.allFinite()) {
    throw NumericalError(fmt::format("a variance of component {} is {} (must be positive); {}", c,
                                     variances.minCoeff(), advice));
  }
  root.whitening = variances.cwiseSqrt().cwiseInverse();
  root.log_determinant = root.whitening.array().log().sum();
  return root;
}

Vector second_moments_of(Quadratic form, const Matrix& sigma) {
  if (form == Quadratic::norm) return Vector::Constant(1, sigma.trace());
  if (form == Quadratic::squares) return sigma.diagonal();
  Vector moments(quadratic_size(form, sigma.rows()));
  for_each_pair(sigma.rows(), [&](Index i, Index j, Index position) { moments[position] = sigma(i, j); });
  return moments;
}

void estimate_covariance(Eigen::Ref<const Vector> scatter, double weight, Covariances& covariances, Index c) {
  if (covariances.form == Quadratic::norm) {
    covariances.values(0, c) = scatter[0] / (weight * static_cast<double>(covariances.features));
    return;
  }
  if (covariances.form == Quadratic::squares) {
    covariances.values.col(c) = scatter / weight;
    return;
  }
  auto sigma = covariances.full(c);
  for_each_pair(covariances.features, [&](Index i, Index j, Index position) {
    sigma(i, j) = sigma(j, i) = scatter[position] / weight;
  });
}

bool apply_floor(Covariances& covariances, Index c, const Vector& reference, double floor) {
  if (!(floor > 0)) return false;
  if (covariances.form == Quadratic::packed) return clip_full(covariances.full(c), reference, floor);
  auto values = covariances.values.col(c).array();
  Eigen::ArrayXd bound = floor * reference.array();
  if (covariances.form == Quadratic::norm) bound = Eigen::ArrayXd::Constant(1, floor * reference.mean());
  const bool active = !(values >= bound).all();
  values = (values >= bound).select(values, bound);
  return active;
}

double largest_change(const Covariances& covariances, Index c, const Vector& old, const Vector& sd) {
  const auto difference = (covariances.values.col(c) - old).array();
  switch (covariances.form) {
    case Quadratic::packed: {
      const Matrix scale = sd * sd.transpose();
      return (difference / scale.reshaped().array()).abs().maxCoeff();
    }
    case Quadratic::squares:
      return (difference / sd.array().square()).abs().maxCoeff();
    default:
      return std::abs(difference[0]) / sd.squaredNorm() * static_cast<double>(covariances.features);
  }
}

}  // namespace jensen::mixture
