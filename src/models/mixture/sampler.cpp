#include "jensen/models/mixture/sampler.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/gamma_variate.hpp"

namespace jensen::mixture {
namespace {

/// F with F F' = covariance c, in internal coordinates: D x D, or D x 1 where it is diagonal.
Matrix root_of(const Covariances& covariances, Index c) {
  if (covariances.form != Quadratic::packed) return covariances.variances(c).cwiseSqrt();
  const Eigen::LLT<Matrix> cholesky(covariances.full(c));
  if (cholesky.info() != Eigen::Success) {
    throw NumericalError(fmt::format("covariance {} is not positive definite (must be)", c));
  }
  return cholesky.matrixL();
}

}  // namespace

Sampler::Sampler(const Parameters& parameters, const Transform& transform, std::uint64_t seed,
                 const Tails& tails, Purpose purpose)
    : seed_(seed),
      purpose_(purpose),
      tails_(tails),
      independent_(parameters.covariances.form == Quadratic::squares),
      means_(transform.to_original(parameters.means).transpose()) {
  double sum = 0;
  for (const double weight : parameters.weights) cumulative_.push_back(sum += weight);
  // Rounding must not leave a gap at the top: it belongs to the last component that has a weight.
  const auto last = std::lower_bound(cumulative_.begin(), cumulative_.end(), sum);
  std::fill(last, cumulative_.end(), std::numeric_limits<double>::infinity());
  for (Index c = 0; c < parameters.covariances.count(); ++c) {
    roots_.push_back(transform.scale.cwiseInverse().asDiagonal() * root_of(parameters.covariances, c));
  }
}

Index Sampler::pick(double uniform) const {
  return std::upper_bound(cumulative_.begin(), cumulative_.end(), uniform) - cumulative_.begin();
}

/// A Gaussian times this is a t variate, in units of the component's covariance.
double Sampler::draw_spread(Stream& stream, Index k) const {
  if (tails_.degrees.size() == 0) return 1;
  const double half = 0.5 * tails_.degrees[k];
  return std::sqrt(tails_.factors[k] * half / draw_gamma(stream, half));
}

Index Sampler::draw(Index record, std::span<double> values) const {
  Stream stream(seed_, purpose_, record);
  const Index k = pick(stream.uniform());
  const Matrix& root = roots_[roots_.size() == 1 ? 0 : static_cast<std::size_t>(k)];
  const Index d = features();
  Eigen::Map<Vector> x(values.data(), d);
  x = means_.col(k);
  double spread = independent_ ? 1 : draw_spread(stream, k);
  // Column by column: no sum whose order could follow the place of the record in memory.
  for (Index j = 0; j < d; ++j) {
    if (independent_) spread = draw_spread(stream, k);
    const double normal = spread * stream.normal();
    if (root.cols() == 1) {
      x[j] += root(j, 0) * normal;
    } else {
      x.tail(d - j) += normal * root.col(j).tail(d - j);
    }
  }
  return k;
}

}  // namespace jensen::mixture
