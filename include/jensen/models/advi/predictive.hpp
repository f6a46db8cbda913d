#pragma once

#include <memory>
#include <vector>

#include "jensen/data/response_shard.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/models/advi/advi.hpp"

namespace jensen::advi {

/// The posterior predictive of a fitted q: records, or responses of records, averaged over draws of theta, or
/// drawn given them. Draw s is number s of evaluation.hpp, a function of (seed, s) alone.
class PosteriorPredictive {
 public:
  PosteriorPredictive(const Advi& model, Index draws, std::uint64_t seed);

  Index draws() const { return draws_; }

  /// log (1/S) sum_s p(record n | theta_s) of each record, whatever its weight: B numbers, nats. Draws at
  /// which the target is NaN are left out; NaN where all are. Throws InputError where records have no
  /// density.
  void log_density(const ResponseBlock& block, Eigen::ArrayXd& values) const;

  /// A response of each record given each draw, B x S; see Target::draw_responses.
  RowMatrix draw_responses(const ResponseBlock& block) const;

 private:
  std::shared_ptr<const Target> target_;
  Index draws_;
  std::uint64_t seed_;
  std::vector<Points> thetas_;  // a few draws each
};

/// How well a posterior predictive foretells records.
struct PredictiveScore {
  double weight = 0;          // of all records
  double log_predictive = 0;  // weighted sum of log densities, nats
};

/// One pass over the records. Collective. Throws NumericalError where a record with weight has density 0 or
/// none.
PredictiveScore score(const PosteriorPredictive& predictive, const ResponseShard& shard,
                      const Communicator& comm);

/// Draws records from the posterior predictive: theta from q, then the record given theta. Record n follows
/// from (seed, n) alone.
class RecordSampler {
 public:
  RecordSampler(const Advi& model, Index features, std::uint64_t seed)
      : target_(model.shared_target()), q_(model.posterior()), features_(features), seed_(seed) {}

  Index features() const { return features_; }
  /// Writes record n (D) and returns its component, or 0. Throws InputError where the target explains
  /// responses alone.
  Index draw(Index n, std::span<double> record) const;

 private:
  std::shared_ptr<const Target> target_;
  Family q_;
  Index features_;
  std::uint64_t seed_;
};

}  // namespace jensen::advi
