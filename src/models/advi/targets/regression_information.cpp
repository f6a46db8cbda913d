#include <algorithm>
#include <cmath>

#include "jensen/core/trigamma.hpp"
#include "jensen/models/advi/targets/regression.hpp"

namespace jensen::advi {
namespace {

constexpr double kMostMean = 1000;  // of counts over which sums are taken
constexpr int kMostTerms = 10000;
constexpr double kTail = 1e-13;      // of a sum, that may be left out
constexpr double kRounding = 1e-15;  // of a probability

/// What a record is expected to say of its linear predictor and of the response's own parameter.
struct Expected {
  double of_eta, of_own = 0;
};

/// Of the size r of a negative binomial with mean m: E[-d^2 log p / dr^2] = sum_k P(Y > k) / (r + k)^2
/// - m / (r (r + m)), k = 0, 1 ..., as trigamma(r) - trigamma(r + y) = sum_{k < y} 1 / (r + k)^2. Where that
/// takes too long, the second derivative at y.
double information_of_size(double r, double m, double y) {
  const double q = m / (r + m);
  double probability = std::exp(r * std::log1p(-q)), beyond = 1 - probability, sum = 0;
  for (int k = 0; k < kMostTerms && m <= kMostMean && std::isnormal(probability); ++k) {
    const double at = r + k;
    sum += beyond / (at * at);
    if (beyond / at <= kTail * sum || beyond < kRounding) return sum - m / (r * (r + m));
    probability *= at / (k + 1) * q;
    beyond = std::max(0.0, beyond - probability);
  }
  const double both = r + m;
  return trigamma(r) - trigamma(r + y) - 1 / r + 2 / both - (r + y) / (both * both);
}

Expected expected(const RegressionSettings& settings, double eta, double own, double y) {
  const double nu = settings.degrees_of_freedom, inverse = 1 / (own * own);
  switch (settings.response) {
    case Response::normal:
      return {inverse, 2 * inverse};
    case Response::student:
      return {(nu + 1) / (nu + 3) * inverse, 2 * nu / (nu + 3) * inverse};
    case Response::bernoulli: {
      const double e = std::exp(-std::abs(eta));
      return {e / ((1 + e) * (1 + e))};
    }
    case Response::poisson:
      return {std::exp(eta)};
    case Response::negative_binomial: {
      const double mean = std::exp(eta);
      return {mean / (1 + mean / own), information_of_size(own, mean, y)};
    }
    case Response::categorical:
      break;
  }
  return {0};
}

/// Probabilities of classes 1 ... C - 1, from predictors.
Eigen::ArrayXd probabilities(const Eigen::ArrayXd& eta) {
  const double largest = std::max(0.0, eta.maxCoeff());
  const Eigen::ArrayXd e = (eta - largest).exp();
  return e / (std::exp(-largest) + e.sum());
}

}  // namespace

bool Regression::has_expected_information() const {
  return settings_.groups == 0 && settings_.prior == CoefficientPrior::normal;
}

void Regression::add_expected_information(std::span<const double> theta, const ResponseBlock& block,
                                          Eigen::Ref<Matrix> information) const {
  const Index rows = block.rows();
  Points point(size(), 1);
  point.set_point(0, theta);
  point.pad();
  const Index stride = point.stride();
  AlignedVector<double> beta, eta(static_cast<std::size_t>(rows * predictors_ * stride));
  fill_coefficients(point, beta);
  fill_predictors(point, beta, block, 0, rows, eta.data());

  const double own = at_.own < 0 ? 1 : theta[static_cast<std::size_t>(at_.own)];
  Matrix x(rows, 1 + features_), of_etas(rows, predictors_ * predictors_);
  x.col(0).setOnes();
  if (features_ > 0) x.rightCols(features_) = block.features.records;
  for (Index n = 0; n < rows; ++n) {
    const double weight = block.weight(n);
    const double* const predictors = eta.data() + n * predictors_ * stride;
    if (weight == 0) {
      of_etas.row(n).setZero();
    } else if (settings_.response == Response::categorical) {
      Eigen::ArrayXd own_etas(predictors_);
      for (Index c = 0; c < predictors_; ++c) own_etas[c] = predictors[c * stride];
      const Vector p = probabilities(own_etas);
      Matrix of_eta = -p * p.transpose();
      of_eta.diagonal() += p;
      of_etas.row(n) = weight * of_eta.reshaped().transpose();
    } else {
      const Expected one =
          expected(settings_, predictors[0], own, block.responses[static_cast<std::size_t>(n)]);
      of_etas(n, 0) = weight * one.of_eta;
      if (at_.own >= 0) information(at_.own, at_.own) += weight * one.of_own;
    }
  }
  const auto place = [&](Index c, Index j) {
    return j == 0 ? at_.intercept + c : at_.coefficients + c * features_ + j - 1;
  };
  for (Index c = 0; c < predictors_; ++c) {
    for (Index d = 0; d < predictors_; ++d) {
      const Matrix part = x.transpose() * of_etas.col(c * predictors_ + d).asDiagonal() * x;
      for (Index i = 0; i <= features_; ++i) {
        for (Index j = 0; j <= features_; ++j) information(place(c, i), place(d, j)) += part(i, j);
      }
    }
  }
}

}  // namespace jensen::advi
