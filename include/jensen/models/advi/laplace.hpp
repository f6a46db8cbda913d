#pragma once

#include <memory>
#include <string>

#include "jensen/models/advi/points_pass.hpp"

namespace jensen::advi {

struct LaplaceSettings {
  Density density = Density::posterior;  // likelihood: the normal at its maximum
  Index max_iterations = 200;
  double tolerance = 1e-6;  // estimated distance to the mode, in standard deviations of the normal
  Index newton_limit =
      200;  // unconstrained parameters; with more, L-BFGS goes the way before Newton's last steps
};

/// The normal of the mode and the curvature of a log density of zeta: an approximation of the posterior
/// (Tierney and Kadane 1986), or of the sampling distribution of the maximum likelihood estimate, its
/// precision being the observed information.
struct Laplace {
  std::string refusal = {};  // why there is no such normal, a sentence; empty: there is
  Vector mode = {};          // p, or where the search ended
  double log_density = 0;    // there, nats
  double distance = 0;       // left to the mode, in standard deviations: sqrt(g' C g), g the gradient
  Matrix precision = {};     // p x p: minus the Hessian
  Matrix covariance = {};    // p x p; empty where there is none
  double log_evidence =
      0;  // estimate of log(integral of the density), nats; of the posterior: log p(records)
  Index iterations = 0;

  bool found() const { return refusal.empty(); }
  Vector deviations() const { return covariance.diagonal().cwiseSqrt(); }
};

/// Newton's method from `start`, p unconstrained numbers, with line search and with |eigenvalues| of the
/// Hessian, so that it leaves saddles (Dauphin et al. 2014). The Hessian is differences of gradients, their
/// 2p + 1 points in one pass; an iteration is two passes. Collective; the same bits for any number of ranks.
///
/// There is no normal, and `refusal` says so, where the search begins at NaN or infinity or finds no maximum;
/// where the Hessian has an eigenvalue that is not negative; and where the density, one standard deviation of
/// the normal away from the mode along an axis of it, has not fallen by 1/20 nat (1/2 for a normal): where it
/// runs up to a limit that it never reaches, as for separable responses, or is flat.
Laplace laplace(const std::shared_ptr<const Target>& target, const Vector& start, const ResponseShard& shard,
                const Communicator& comm, const LaplaceSettings& settings = {});

/// H^-1 (sum_n w_n g_n g_n') H^-1 at the maximum of the likelihood, p x p: the covariance of the estimate
/// where the model is wrong too (Huber 1967; White 1982). `fit` must have been found. Collective.
Matrix sandwich_covariance(const Target& target, const Laplace& fit, const ResponseShard& shard,
                           const Communicator& comm);

/// "coefficients[3]": which of the target's parameters an unconstrained number belongs to.
std::string parameter_name(const Target& target, Index unconstrained);

}  // namespace jensen::advi
