#pragma once

#include <memory>

#include "jensen/data/response_shard.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/models/advi/target.hpp"

/// Sums over all records at many points of the space of parameters, in one pass over the records:
///
///   Vector values = log_likelihoods(target, theta, shard, comm);             // S
///   const auto [values, gradients] = log_likelihood_gradients(target, theta, shard, comm);
///
/// theta is P x S: a column for each point, of the numbers under their constraints. A block of records is
/// looked at once, by at most `kPointsAtOnce` points at a time, so that its products stay in cache. What
/// comes out is the same on every rank, and the same bits for every number of ranks. Where a target is NaN or
/// infinite the sums are too. All functions are collective; an Error of the target is thrown on every rank.
namespace jensen::advi {

inline constexpr Index kPointsAtOnce = 64;

/// sum_n w_n log p(record n | theta_s), nats.
Vector log_likelihoods(const Target& target, const Matrix& theta, const ResponseShard& shard,
                       const Communicator& comm);

struct LogLikelihoods {
  Vector values;     // S
  Matrix gradients;  // P x S, with respect to theta
};
LogLikelihoods log_likelihood_gradients(const Target& target, const Matrix& theta, const ResponseShard& shard,
                                        const Communicator& comm);

/// A function of zeta: log p(theta(zeta), records) + log |det J|, or the log-likelihood alone, without prior
/// and Jacobian.
enum class Density { posterior, likelihood };

struct LogDensities {
  Vector values;     // S, nats
  Matrix gradients;  // p x S, with respect to zeta
};
/// At the columns of zeta, p x S.
Vector log_densities(const std::shared_ptr<const Target>& target, Density density, const Matrix& zeta,
                     const ResponseShard& shard, const Communicator& comm);
LogDensities log_density_gradients(const std::shared_ptr<const Target>& target, Density density,
                                   const Matrix& zeta, const ResponseShard& shard, const Communicator& comm);

/// sum_n w_n g_n g_n' with g_n the gradient of log p(record n | theta) with respect to zeta, p x p: what the
/// scores' covariance comes to where they sum to 0. A record at a time; slower than the passes above.
Matrix score_products(const Target& target, const Vector& zeta, const ResponseShard& shard,
                      const Communicator& comm);

/// The expected information with respect to zeta, p x p: what the products of scores come to on average over
/// responses that the model draws. Of targets that know it. Collective.
Matrix expected_information(const Target& target, const Vector& zeta, const ResponseShard& shard,
                            const Communicator& comm);

}  // namespace jensen::advi
