#include <algorithm>
#include <cmath>
#include <numbers>

#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "jensen/models/mixture/softmax.hpp"

namespace jensen::bayes_gmm {
namespace {

using mixture::Quadratic;

/// log of the normaliser of a t distribution in `dimensions` whose scale matrix has this log determinant.
double log_t_constant(double degrees, double dimensions, double log_determinant) {
  const long double half = 0.5L * degrees, more = half + 0.5L * dimensions;
  return static_cast<double>(std::lgamma(more) - std::lgamma(half)) -
         0.5 * (dimensions * std::log(degrees * std::numbers::pi) + log_determinant);
}

}  // namespace

mixture::Tails BayesianMixture::tails() const {
  const Index count = components();
  const auto d = static_cast<double>(features());
  mixture::Tails tails{Vector(count), Vector(count)};
  for (Index k = 0; k < count; ++k) {
    const double nu = degrees_of_freedom(k), beta = mean_precision(k);
    const bool packed = family().form() == Quadratic::packed;
    tails.degrees[k] = packed ? nu + 1 - d : family().form() == Quadratic::norm ? d * nu : nu;
    tails.factors[k] = (1 + 1 / beta) * (packed ? nu / (nu + 1 - d) : 1.0);
  }
  return tails;
}

Eigen::ArrayXd BayesianMixture::log_predictive(const Block& block, const Matrix& joint) const {
  const mixture::Tails tails = this->tails();
  const auto d = static_cast<double>(features());
  Matrix log_terms(block.rows(), components());
  for (Index k = 0; k < components(); ++k) {
    const double degrees = tails.degrees[k], factor = tails.factors[k];
    const double log_weight = std::log(weights_.mean[k]);
    auto column = log_terms.col(k).array();
    if (family().form() == Quadratic::squares) {
      const Vector variances = factor * covariances_.variances(covariances_.column(k));
      column.setConstant(log_weight);
      for (Index i = 0; i < features(); ++i) {
        const double unit = degrees * variances[i];
        const auto squares = (block.records.col(i).array() - means_(k, i)).square();
        column += log_t_constant(degrees, 1, std::log(variances[i])) -
                  0.5 * (degrees + 1) * (squares / unit).log1p();
      }
      continue;
    }
    const double log_determinant = d * std::log(factor) - log_mean_[k];
    const auto distances = 2 * (gaussians_.log_constant(k) + weights_.mean_log[k] - joint.col(k).array());
    column = log_weight + log_t_constant(degrees, d, log_determinant) -
             0.5 * (degrees + d) * (distances.max(0.0) / (degrees * factor)).log1p();
  }
  Eigen::ArrayXd log_density;
  mixture::normalise(log_terms, log_density);
  return log_density;
}

}  // namespace jensen::bayes_gmm
