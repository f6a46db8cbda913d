#include <algorithm>
#include <cmath>
#include <vector>

#include "constraint_maps.hpp"

/// theta = softmax(V zeta), where the K - 1 columns of V are an orthonormal basis of the vectors of sum 0
/// (the isometric log-ratio map, Egozcue et al. 2003; V is Helmert's): column i, from 1, is (1, ..., 1, -i,
/// 0, ..., 0) / sqrt(i (i + 1)), i ones. No element is special: to relabel theta turns zeta. |det J| =
/// sqrt(K) * prod_k theta_k, with respect to theta's first K - 1 elements.
namespace jensen::advi {

namespace {

double helmert_norm(std::size_t i) {
  return std::sqrt(static_cast<double>(i) * static_cast<double>(i + 1));
}

/// logits = V zeta.
void from_basis(Given zeta, Numbers logits) {
  double later = 0;
  for (std::size_t i = zeta.size(); i > 0; --i) {
    const double coefficient = zeta[i - 1] / helmert_norm(i);
    logits[i] = later - static_cast<double>(i) * coefficient;
    later += coefficient;
  }
  logits[0] = later;
}

/// sum += V^T gradient.
void add_to_basis(Given gradient, Numbers sum) {
  double earlier = 0;
  for (std::size_t i = 1; i <= sum.size(); ++i) {
    earlier += gradient[i - 1];
    sum[i - 1] += (earlier - static_cast<double>(i) * gradient[i]) / helmert_norm(i);
  }
}

}  // namespace

double SimplexMap::constrain(const ParameterBlock&, Given zeta, Numbers theta) {
  from_basis(zeta, theta);
  const double largest = std::ranges::max(theta), elements = static_cast<double>(theta.size());
  double total = 0;
  for (double& value : theta) total += value = std::exp(value - largest);
  for (double& value : theta) value = std::max(value / total, kSmallest);
  // sum_k log theta_k: the logits sum to 0
  return 0.5 * std::log(elements) - elements * (largest + std::log(total));
}

void SimplexMap::pull_back(const ParameterBlock&, Given, Given theta, Given gradient, double weight,
                           Numbers sum) {
  double mean_gradient = 0;
  for (std::size_t k = 0; k < theta.size(); ++k) mean_gradient += theta[k] * gradient[k];
  const double elements = static_cast<double>(theta.size());
  std::vector<double> by_logit(theta.size());
  for (std::size_t k = 0; k < theta.size(); ++k)
    by_logit[k] = theta[k] * (gradient[k] - mean_gradient) + weight * (1 - elements * theta[k]);
  add_to_basis(by_logit, sum);
}

void SimplexMap::unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  double total = 0;
  std::vector<double> logits(theta.size());
  for (std::size_t k = 0; k < theta.size(); ++k) {
    if (!(theta[k] > 0)) refuse_start(block, k, theta[k], "above 0, as a simplex");
    total += theta[k];
    logits[k] = std::log(theta[k]);
  }
  if (!(std::abs(total - 1) <= 1e-8))
    throw InputError(fmt::format("parameter '{}' starts with numbers of sum {} (must be 1, as a simplex)",
                                 block.name, total));
  std::ranges::fill(zeta, 0.0);
  add_to_basis(logits, zeta);
}

}  // namespace jensen::advi
