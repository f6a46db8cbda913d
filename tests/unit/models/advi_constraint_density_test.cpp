#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "jensen/models/advi/constraint.hpp"

using namespace jensen;
using advi::Constraint;
using advi::ParameterBlock;

namespace {

/// The integral over zeta of density(theta(zeta)) |det J| by the trapezoidal rule on [-bound, bound]^n, which
/// converges exponentially for analytic integrands that vanish at the ends.
template <class Density>
double integral(const ParameterBlock& block, double bound, double step, Density density) {
  const auto dimension = static_cast<std::size_t>(unconstrained_size(block));
  const Index steps = 2 * static_cast<Index>(bound / step) + 1;
  std::vector<Index> grid(dimension, 0);
  std::vector<double> zeta(dimension), theta(static_cast<std::size_t>(constrained_size(block)));
  double total = 0;
  while (true) {
    for (std::size_t i = 0; i < dimension; ++i) zeta[i] = static_cast<double>(grid[i]) * step - bound;
    const double log_jacobian = constrain(block, zeta, theta);
    total += density(theta) * std::exp(log_jacobian);
    std::size_t i = 0;
    while (i < dimension && ++grid[i] == steps) grid[i++] = 0;
    if (i == dimension) return total * std::pow(step, static_cast<double>(dimension));
  }
}

using Theta = std::vector<double>;

double normal_density(double x) {
  return std::exp(-.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}

double dirichlet_density(const Theta& x, const Theta& concentration) {
  double log_density = 0, total = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    log_density += (concentration[k] - 1) * std::log(x[k]) - std::lgamma(concentration[k]);
    total += concentration[k];
  }
  return std::exp(log_density + std::lgamma(total));
}

/// Wishart of order 2, n degrees of freedom and scale I, of L L^T; times |d Sigma / dL|.
double wishart_density_of_factor(const Theta& l, double n) {
  const double trace = l[0] * l[0] + l[1] * l[1] + l[2] * l[2], log_determinant = 2 * std::log(l[0] * l[2]);
  const double log_normaliser = n * std::numbers::ln2 + .5 * std::log(std::numbers::pi) +
                                std::lgamma(.5 * n) + std::lgamma(.5 * (n - 1));
  return std::exp(.5 * (n - 3) * log_determinant - .5 * trace - log_normaliser) * 4 * l[0] * l[0] * l[2];
}

}  // namespace

TEST_CASE("Densities pushed through a transform still integrate to 1") {
  const auto one = Approx(1).epsilon(1e-9);
  CHECK(integral({"x", Constraint::real}, 9, .25, [](const Theta& x) { return normal_density(x[0]); }) ==
        one);
  CHECK(integral({"x", Constraint::positive}, 40, .1,
                 [](const Theta& x) { return x[0] * std::exp(-x[0]); }) == one);  // gamma of shape 2
  CHECK(integral({"x", Constraint::interval, 1, 2, 4}, 40, .2, [](const Theta& x) {
          return .5 * 12 * (x[0] - 2) / 2 * std::pow((4 - x[0]) / 2, 2);
        }) == one);  // beta(2, 3)
  CHECK(integral({"x", Constraint::simplex, 2}, 40, .2, [](const Theta& x) {
          return dirichlet_density(x, {2, 3});
        }) == one);
  CHECK(integral({"x", Constraint::simplex, 3}, 30, .2, [](const Theta& x) {
          return dirichlet_density(x, {2, 3, 1.5});
        }) == one);
  CHECK(integral({"x", Constraint::simplex, 4}, 24, .375, [](const Theta& x) {
          return dirichlet_density(x, {2, 3, 2, 4});
        }) == one);
  CHECK(integral({"x", Constraint::ordered, 2}, 24, .1, [](const Theta& x) {
          return 2 * normal_density(x[0]) * normal_density(x[1]);
        }) == one);  // order statistics
}

TEST_CASE("Priors of matrices integrate to 1 over the elements of their Cholesky factor") {
  const auto one = Approx(1).epsilon(1e-9);
  CHECK(integral({"x", Constraint::correlation_cholesky, 2}, 22, .2, [](const Theta&) { return .5; }) == one);
  // The uniform density of correlation matrices of order 3, 2 / pi^2 (Joe 2006), times |dR / dL| = L_11.
  CHECK(integral({"x", Constraint::correlation_cholesky, 3}, 16, .25,
                 [](const Theta& l) { return 2 / (std::numbers::pi * std::numbers::pi) * l[2]; }) == one);
  CHECK(integral({"x", Constraint::covariance_cholesky, 2}, 8, .125,
                 [](const Theta& l) { return wishart_density_of_factor(l, 6); }) == one);
}
