#pragma once

#include "jensen/models/advi/advi.hpp"
#include "jensen/models/advi/points_pass.hpp"

namespace jensen::advi {

/// A fitted q, judged by fresh draws from it.
struct Evaluation {
  Index draws = 0;         // that were asked for
  Index failed_draws = 0;  // of them, where the target is NaN or infinite; left out
  double elbo = 0, elbo_standard_error = 0;
  double k_hat = 0, k_hat_threshold = 0;  // Pareto-smoothed importance sampling (Vehtari et al. 2024)
  double effective_draws = 0;             // of the importance weights
  double log_evidence = 0;                // importance sampling's estimate, nats
  Matrix reported = {};                   // S x R: Target::reported of each draw that was used
  Vector weights = {};                    // S: smoothed importance weights, sum 1
};

/// One pass over the records. The draws are a function of `seed` alone. Collective. Throws NumericalError
/// where no draw can be used.
Evaluation evaluate(const Advi& model, const ResponseShard& shard, const Communicator& comm, Index draws,
                    std::uint64_t seed);

/// Attributes of "/fit" on the ELBO and on what is to be thought of q, and arrays of "/parameters": names,
/// means, sds, quantiles, and the importance-corrected means and sds.
void record(const Evaluation& evaluation, const Target& target, Document& document);

/// Number s of the draws that a seed gives, in unconstrained coordinates.
Vector draw_of(const Family& q, std::uint64_t seed, Index s);

}  // namespace jensen::advi
