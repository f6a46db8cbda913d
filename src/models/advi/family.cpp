#include "jensen/models/advi/family.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace jensen::advi {
namespace {

constexpr double kFirstFactor = 0.01;  // of the low-rank directions

/// Where L's element (i, j), j < i, stands behind the first below the diagonal.
Index below(Index i, Index j) {
  return i * (i - 1) / 2 + j;
}

}  // namespace

std::string_view name_of(Covariance covariance) {
  switch (covariance) {
    case Covariance::mean_field:
      return "mean-field";
    case Covariance::full_rank:
      return "full-rank";
    case Covariance::low_rank:
      return "low-rank";
  }
  return "unknown";
}

Family::Family(Covariance covariance, Index size, Index rank)
    : covariance_(covariance), size_(size), rank_(covariance == Covariance::low_rank ? rank : 0) {
  const Index others = covariance == Covariance::full_rank ? size * (size - 1) / 2 : size * rank_;
  parameters_ = Vector::Zero(2 * size + others);
  if (covariance == Covariance::low_rank) {
    for (Index i = 0; i < size; ++i) parameters_[2 * size + i * rank_ + i % rank_] = kFirstFactor;
  }
  prepare();
}

void Family::prepare() {
  const auto w = parameters_.segment(size_, size_);
  diagonal_ = w.array().exp();
  log_determinant_ = w.sum();
  if (covariance_ == Covariance::full_rank) {
    scale_ = diagonal_.asDiagonal();
    for (Index i = 1; i < size_; ++i) {
      for (Index j = 0; j < i; ++j) scale_(i, j) = parameters_[2 * size_ + below(i, j)];
    }
  } else if (covariance_ == Covariance::low_rank) {
    scale_ = Eigen::Map<const RowMatrix>(parameters_.data() + 2 * size_, size_, rank_);
    const Matrix scaled = diagonal_.cwiseInverse().asDiagonal() * scale_;
    const Matrix inner = Matrix::Identity(rank_, rank_) + scaled.transpose() * scaled;
    inner_ = inner.llt().matrixL();
    log_determinant_ += inner_.diagonal().array().log().sum();
  }
  const double per_parameter = 0.5 * (1 + std::log(2 * std::numbers::pi));
  entropy_ = static_cast<double>(size_) * per_parameter + log_determinant_;
}

void Family::set_normal(const Vector& mean, const Matrix& covariance, const Matrix& precision) {
  parameters_.head(size_) = mean;
  auto w = parameters_.segment(size_, size_);
  if (covariance_ == Covariance::full_rank) {
    const Matrix lower = covariance.llt().matrixL();
    w = lower.diagonal().array().log();
    for (Index i = 1; i < size_; ++i) parameters_.segment(2 * size_ + below(i, 0), i) = lower.row(i).head(i);
  } else {
    w = -0.5 * precision.diagonal().array().log();
  }
  prepare();
}

Vector Family::scale_times(const Vector& noise) const {
  switch (covariance_) {
    case Covariance::mean_field:
      return diagonal_.cwiseProduct(noise);
    case Covariance::full_rank:
      return scale_.triangularView<Eigen::Lower>() * noise;
    case Covariance::low_rank:
      return scale_ * noise.head(rank_) + diagonal_.cwiseProduct(noise.tail(size_));
  }
  return {};
}

Vector Family::solve(const Vector& difference) const {
  if (covariance_ == Covariance::full_rank) {
    Vector solution = scale_.triangularView<Eigen::Lower>().solve(difference);
    scale_.transpose().triangularView<Eigen::Upper>().solveInPlace(solution);
    return solution;
  }
  const Vector precision = diagonal_.array().square().inverse();
  Vector solution = precision.cwiseProduct(difference);
  if (covariance_ == Covariance::low_rank) {  // Woodbury
    Vector inner = scale_.transpose() * solution;
    inner_.triangularView<Eigen::Lower>().solveInPlace(inner);
    inner_.transpose().triangularView<Eigen::Upper>().solveInPlace(inner);
    solution -= precision.cwiseProduct(scale_ * inner);
  }
  return solution;
}

Matrix Family::covariance_matrix() const {
  if (covariance_ == Covariance::full_rank) return scale_ * scale_.transpose();
  Matrix covariance = diagonal_.array().square().matrix().asDiagonal();
  if (covariance_ == Covariance::low_rank) covariance += scale_ * scale_.transpose();
  return covariance;
}

Vector Family::deviations() const {
  if (covariance_ == Covariance::mean_field) return diagonal_;
  Vector variances = scale_.rowwise().squaredNorm();
  if (covariance_ == Covariance::low_rank) variances += diagonal_.cwiseAbs2();
  return variances.cwiseSqrt();
}

double Family::log_density(const Vector& zeta) const {
  const Vector difference = zeta - mean();
  return static_cast<double>(size_) / 2 - entropy_ - 0.5 * difference.dot(solve(difference));
}

Vector Family::score(const Vector& zeta) const {
  return -solve(zeta - mean());
}

void Family::add_gradient(const Vector& noise, const Vector& zeta_gradient, Vector& gradient) const {
  gradient.head(size_) += zeta_gradient;
  const auto own = noise.tail(size_);
  gradient.segment(size_, size_) += zeta_gradient.cwiseProduct(diagonal_).cwiseProduct(own);
  if (covariance_ == Covariance::full_rank) {
    for (Index i = 1; i < size_; ++i)
      gradient.segment(2 * size_ + below(i, 0), i) += zeta_gradient[i] * own.head(i);
  } else if (covariance_ == Covariance::low_rank) {
    for (Index i = 0; i < size_; ++i)
      gradient.segment(2 * size_ + i * rank_, rank_) += zeta_gradient[i] * noise.head(rank_);
  }
}

void Family::add_entropy_gradient(Vector& gradient) const {
  if (covariance_ != Covariance::low_rank) {
    gradient.segment(size_, size_).array() += 1;
    return;
  }
  // of half the logarithm of |BB' + D^2|: (BB' + D^2)^-1 B, and the inverse's diagonal times D^2
  const Vector precision = diagonal_.array().square().inverse();
  const Matrix scaled = precision.asDiagonal() * scale_;                                // D^-2 B
  const Matrix half = inner_.triangularView<Eigen::Lower>().solve(scaled.transpose());  // r x p
  const Vector inverse_diagonal = precision - half.colwise().squaredNorm().transpose();
  gradient.segment(size_, size_) += inverse_diagonal.cwiseQuotient(precision);
  const RowMatrix of_factor = scaled - half.transpose() * (half * scale_);
  Eigen::Map<RowMatrix>(gradient.data() + 2 * size_, size_, rank_) += of_factor;
}

void Family::take_natural_step(const Vector& gradient, double rate, double most) {
  const auto mean_gradient = gradient.head(size_);
  const auto w_gradient = gradient.segment(size_, size_);
  auto w = parameters_.segment(size_, size_);
  if (covariance_ == Covariance::mean_field) {
    const Vector step = rate * diagonal_.cwiseProduct(mean_gradient);  // in standard deviations
    parameters_.head(size_) += diagonal_.cwiseProduct(step.cwiseMax(-most).cwiseMin(most));
    w += (rate / 2 * w_gradient).cwiseMax(-most).cwiseMin(most);
    return;
  }
  const auto upper = scale_.transpose().triangularView<Eigen::Upper>();
  Vector step = upper * mean_gradient;  // in standard deviations
  step = (rate * step).cwiseMax(-most).cwiseMin(most);
  parameters_.head(size_) += scale_.triangularView<Eigen::Lower>() * step;

  Matrix of_scale = w_gradient.cwiseQuotient(diagonal_).asDiagonal();
  for (Index i = 1; i < size_; ++i) {
    for (Index j = 0; j < i; ++j) of_scale(i, j) = gradient[2 * size_ + below(i, j)];
  }
  Matrix change = upper * of_scale;
  change.triangularView<Eigen::StrictlyUpper>().setZero();
  change.diagonal() /= 2;
  change = (rate * change).cwiseMax(-most).cwiseMin(most);
  for (Index i = 1; i < size_; ++i) {  // what becomes of S's i-th direction
    const double length = change.row(i).head(i).norm();
    if (length > most) change.row(i).head(i) *= most / length;
  }
  const Matrix moved = scale_.triangularView<Eigen::Lower>() * change;
  w += change.diagonal();
  for (Index i = 1; i < size_; ++i) {
    for (Index j = 0; j < i; ++j) parameters_[2 * size_ + below(i, j)] += moved(i, j);
  }
}

}  // namespace jensen::advi
