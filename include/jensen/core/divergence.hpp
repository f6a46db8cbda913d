#pragma once

#include <span>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

// Kullback-Leibler divergences KL(p || q) = E_p[log p - log q] in closed form (Kullback and Leibler 1951), in
// nats. All are 0 or more, and 0 where p and q are the same; infinite where p has mass and q none. Each
// throws InputError where an argument is no distribution, or where p and q are not over the same space.

/// Tables add up to 1 within this; what is left is taken out by dividing by the sum.
inline constexpr double kTableTolerance = 1e-6;

/// The table with its sum divided out. Throws InputError, calling it by its name, where it is empty, has
/// entries that are negative or not finite, or does not add up to 1 within `kTableTolerance`.
std::vector<double> normalised_table(std::span<const double> table, const char* name);

/// Of two discrete distributions over the same n outcomes; 0 log 0 = 0. A Bernoulli distribution is a table
/// of two.
double kl_divergence(std::span<const double> p, std::span<const double> q);

/// Jeffreys' divergence (1946): KL(p || q) + KL(q || p), the sum and not its half.
double symmetrised_divergence(std::span<const double> p, std::span<const double> q);

/// Half of KL(p || m) + KL(q || m), m = (p + q) / 2 (Lin 1991): at most ln 2.
double jensen_shannon_divergence(std::span<const double> p, std::span<const double> q);

/// Counts of n outcomes in so many trials.
struct Multinomial {
  Index trials = 1;
  std::vector<double> probabilities = {};
};
double kl_divergence(const Multinomial& p, const Multinomial& q);

/// In D dimensions; the covariance is symmetric and positive definite.
struct Gaussian {
  Vector mean = {};
  Matrix covariance = {};
};
double kl_divergence(const Gaussian& p, const Gaussian& q);

/// A covariance by its Cholesky factor L, lower triangular, L L' = covariance; quicker where it is diagonal.
class CovarianceRoot {
 public:
  /// Throws InputError, calling it by its name, where it is not symmetric and positive definite.
  CovarianceRoot(const Matrix& covariance, const char* name);

  Index size() const { return lower_.rows(); }
  const Matrix& lower() const { return lower_; }
  double log_determinant() const;  // of the covariance
  /// L^-1 B, B with as many rows.
  Matrix solve(const Matrix& b) const;

 private:
  Matrix lower_;
  bool diagonal_;
};

/// KL of two Gaussians of these covariances, `difference` being that of their means: for many pairs.
double gaussian_divergence(const Vector& difference, const CovarianceRoot& p, const CovarianceRoot& q);

/// Over the simplex; concentrations are positive.
struct Dirichlet {
  Vector concentration = {};
};
double kl_divergence(const Dirichlet& p, const Dirichlet& q);

/// Over symmetric positive definite D x D matrices: the density at X is proportional to
/// |X|^((degrees - D - 1)/2) exp(-tr(scale^-1 X) / 2) (Bishop 2006, eq. B.78), degrees > D - 1.
struct Wishart {
  Matrix scale = {};
  double degrees = 0;
};
double kl_divergence(const Wishart& p, const Wishart& q);

/// Of a mean mu given the precision X, N(mean, (strength X)^-1), and of the precision (Bishop 2006, eq.
/// B.122).
struct NormalWishart {
  Vector mean = {};
  double strength = 1;  // > 0
  Wishart precision = {};
};
double kl_divergence(const NormalWishart& p, const NormalWishart& q);

}  // namespace jensen
