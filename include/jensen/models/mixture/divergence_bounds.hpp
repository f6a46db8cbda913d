#pragma once

#include "jensen/models/mixture/density.hpp"

namespace jensen::mixture {

/// What closed forms say of KL(p || q) of two mixtures of Gaussians, nats. Of p = sum_a pi_a f_a and
/// q = sum_b omega_b g_b they need no more than KL(f_a || f_a'), KL(f_a || g_b), the entropies of the f_a and
/// the integrals of f_a f_a' and f_a g_b.
struct DivergenceBounds {
  double variational =
      0;  // an approximation, neither above nor below (Hershey and Olsen 2007, D_variational)
  double variational_upper = 0;  // an upper bound (Hershey and Olsen 2007, D_upper, at its fixed point)
  double lower = 0, upper = 0;   // bounds (Durrieu, Thiran and Kelly 2012); the lower one may be negative
};
DivergenceBounds bound_divergence(const GaussianComponents& p, const GaussianComponents& q);

/// KL(f_a || g_b) of all pairs: K_p x K_q.
Matrix pairwise_divergences(const GaussianComponents& p, const GaussianComponents& q);

}  // namespace jensen::mixture
