#pragma once

#include <span>
#include <string>

#include "jensen/core/types.hpp"

/// Parameters with constraints, and the smooth one-to-one maps between them (theta) and the whole of the real
/// space (zeta), where a variational normal lives. `zeta = 0` is a central value of every constraint.
///
/// |det J| is the volume by which d zeta -> d theta grows. Where the constraint ties numbers to each other,
/// it is taken with respect to the free ones: the first K - 1 of a simplex, the strictly lower triangle of a
/// correlation's Cholesky factor. A prior is then a density of just these numbers; one of a covariance Sigma
/// = L L^T still needs |det dSigma/dL| = 2^d prod_i L_ii^(d-i), i from 0.
namespace jensen::advi {

enum class Constraint {
  real,                  // theta = zeta
  positive,              // theta = exp(zeta)
  interval,              // theta = lower + (upper - lower) / (1 + exp(-zeta))
  simplex,               // K numbers > 0 of sum 1: the isometric log-ratio map (Egozcue et al. 2003)
  ordered,               // theta_0 = zeta_0, theta_k = theta_(k-1) + exp(zeta_k)
  correlation_cholesky,  // unit rows, positive diagonal: tanh(zeta) are the canonical partial correlations
  covariance_cholesky,   // positive diagonal: its logarithm, and the strictly lower triangle as it is
};

/// A named block of parameters.
struct ParameterBlock {
  std::string name = {};
  Constraint constraint = Constraint::real;
  Index size = 1;               // of numbers; for Cholesky factors the order of the matrix
  double lower = 0, upper = 1;  // of an interval
};

/// InputError, with the block's name, for a size below 1 and an interval without width. The functions below
/// expect a block that passes.
void check(const ParameterBlock& block);

/// Length of zeta: K - 1 for a simplex of K; d (d - 1) / 2 and d (d + 1) / 2 for the Cholesky factor of a
/// correlation or covariance matrix of order d; else the block's size.
Index unconstrained_size(const ParameterBlock& block);

/// Length of theta: for Cholesky factors d (d + 1) / 2, the lower triangle with its diagonal row by row; else
/// the block's size.
Index constrained_size(const ParameterBlock& block);

/// zeta -> theta; returns log |det J|, finite for |zeta| up to 700. There theta is finite too and keeps its
/// constraint strictly, also where rounding would not: an interval's ends, zeros of a simplex or a diagonal
/// and ties of ordered numbers give way to the nearest admissible (normal) number.
double constrain(const ParameterBlock& block, std::span<const double> zeta, std::span<double> theta);

/// Adds J^T g + jacobian_weight * d log |det J| / d zeta to `zeta_gradient`.
/// @param theta of the same zeta, as `constrain` left it
/// @param theta_gradient g, as long as theta: the derivative by each number as if all were free, by each of
///   the K of a simplex and by the diagonal of a correlation's factor too
void pull_back(const ParameterBlock& block, std::span<const double> zeta, std::span<const double> theta,
               std::span<const double> theta_gradient, double jacobian_weight,
               std::span<double> zeta_gradient);

/// theta -> zeta. InputError, with the block's name, the element (numbered from 0) and what was expected,
/// where theta is of another length or not strictly within its constraint. Sums and norms may be 1e-8 off 1.
void unconstrain(const ParameterBlock& block, std::span<const double> theta, std::span<double> zeta);

}  // namespace jensen::advi
