#pragma once

#include <string>

#include "jensen/core/types.hpp"

namespace jensen::bayes_gmm {

/// Prior of the K mixing weights: a symmetric Dirichlet (Bishop 2006, 10.2), or a Dirichlet process in
/// stick-breaking form, truncated at K (Blei and Jordan 2006), whose components are the likelier the earlier
/// they come.
enum class WeightPrior { dirichlet, stick_breaking };

/// "dirichlet" or "stick-breaking"; throws UsageError.
WeightPrior weight_prior_of(const std::string& name);

/// What the posterior of the weights says.
struct WeightPosterior {
  Vector mean;                 // K: E pi_k
  Vector mean_log;             // K: E log pi_k
  long double divergence = 0;  // KL from the prior, nats
};

/// Under effective numbers of records `sizes` (K). `concentration` > 0: of each component, or of the process.
WeightPosterior weight_posterior(WeightPrior prior, double concentration, const Vector& sizes);

}  // namespace jensen::bayes_gmm
