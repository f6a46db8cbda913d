#include <algorithm>
#include <cmath>
#include <numbers>

#include "constraint_maps.hpp"

/// Lower Cholesky factors, row by row. A row i of a correlation's factor is a point on the unit sphere, made
/// from canonical partial correlations z_j = tanh(zeta_j), j < i (Lewandowski, Kurowicka and Joe 2009):
///   L_ij = z_j r_j,  L_ii = r_i,  r_j = prod_(k<j) sqrt(1 - z_k^2) = prod_(k<j) 1 / cosh(zeta_k).
/// Its Jacobian is triangular, dL_ij/dzeta_j = r_j / cosh(zeta_j)^2, so that
///   log |det J| = -sum_(j<i) (i + 1 - j) log cosh(zeta_j).
namespace jensen::advi {

namespace {

double log_cosh(double x) {
  return std::abs(x) + std::log1p(std::exp(-2 * std::abs(x))) - std::numbers::ln2;
}

double row_weight(Index i, Index j) {
  return static_cast<double>(i + 1 - j);
}

std::size_t at(Index i, Index j) {
  return static_cast<std::size_t>(i * (i + 1) / 2 + j);
}
std::size_t free_at(Index i, Index j) {
  return static_cast<std::size_t>(i * (i - 1) / 2 + j);
}

}  // namespace

double CorrelationMap::constrain(const ParameterBlock& block, Given zeta, Numbers theta) {
  double log_jacobian = 0;
  for (Index i = 0; i < block.size; ++i) {
    double log_remaining = 0;  // log r_j
    for (Index j = 0; j < i; ++j) {
      const double z = zeta[free_at(i, j)], log_shrink = log_cosh(z);
      theta[at(i, j)] = std::tanh(z) * std::exp(log_remaining);
      log_remaining -= log_shrink;
      log_jacobian -= row_weight(i, j) * log_shrink;
    }
    theta[at(i, i)] = std::max(std::exp(log_remaining), kSmallest);
  }
  return log_jacobian;
}

void CorrelationMap::pull_back(const ParameterBlock& block, Given zeta, Given theta, Given gradient,
                               double weight, Numbers sum) {
  for (Index i = 1; i < block.size; ++i) {
    double log_remaining = 0;
    for (Index j = 0; j < i; ++j) {
      const double z = zeta[free_at(i, j)], log_shrink = log_cosh(z);
      sum[free_at(i, j)] += gradient[at(i, j)] * std::exp(log_remaining - 2 * log_shrink);
      log_remaining -= log_shrink;
    }
    double later = gradient[at(i, i)] * theta[at(i, i)];  // sum of g L over the elements that zeta_j shrinks
    for (Index j = i - 1; j >= 0; --j) {
      sum[free_at(i, j)] -= (later + weight * row_weight(i, j)) * std::tanh(zeta[free_at(i, j)]);
      later += gradient[at(i, j)] * theta[at(i, j)];
    }
  }
}

void CorrelationMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  for (Index i = 0; i < block.size; ++i) {
    double norm = theta[at(i, i)];
    if (!(norm > 0)) refuse_start(block, at(i, i), norm, "above 0, on the diagonal of a Cholesky factor");
    for (Index j = i - 1; j >= 0; --j) {
      zeta[free_at(i, j)] = std::asinh(theta[at(i, j)] / norm);  // tanh = sinh / cosh
      norm = std::hypot(norm, theta[at(i, j)]);
    }
    if (!(std::abs(norm - 1) <= 1e-8))
      throw InputError(
          fmt::format("parameter '{}' starts with row {} of norm {} (must be 1, as a row of a "
                      "correlation matrix's Cholesky factor; rows are numbered from 0)",
                      block.name, i, norm));
  }
}

double CovarianceMap::constrain(const ParameterBlock& block, Given zeta, Numbers theta) {
  std::ranges::copy(zeta, theta.begin());
  double log_jacobian = 0;
  for (Index i = 0; i < block.size; ++i) {
    theta[at(i, i)] = std::exp(zeta[at(i, i)]);
    log_jacobian += zeta[at(i, i)];
  }
  return log_jacobian;
}

void CovarianceMap::pull_back(const ParameterBlock& block, Given, Given theta, Given gradient, double weight,
                              Numbers sum) {
  for (Index i = 0; i < block.size; ++i) {
    for (Index j = 0; j < i; ++j) sum[at(i, j)] += gradient[at(i, j)];
    sum[at(i, i)] += gradient[at(i, i)] * theta[at(i, i)] + weight;
  }
}

void CovarianceMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  std::ranges::copy(theta, zeta.begin());
  for (Index i = 0; i < block.size; ++i) {
    double& diagonal = zeta[at(i, i)];
    if (!(diagonal > 0))
      refuse_start(block, at(i, i), diagonal, "above 0, on the diagonal of a Cholesky factor");
    diagonal = std::log(diagonal);
  }
}

}  // namespace jensen::advi
