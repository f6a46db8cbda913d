#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jensen/models/advi/laplace.hpp"

namespace jensen::advi {

struct BernsteinVonMisesSettings {
  Index halvings = 6;      // of the number of records: from about N / 2^halvings to N
  Index iterations = 300;  // of a full-rank fit at each
  Index draws = 4000;      // of the full-rank q, weighted by importance
  std::uint64_t seed = 1;
  Index classes = 0;  // that linear predictors of the features tell apart; 0: responses are none
  std::vector<std::string> violated =
      {};  // conditions known to fail: "labels of components can be exchanged"
};

/// How far a posterior is from a normal.
struct NormalDistance {
  double divergence = 0;            // KL(posterior || normal), nats
  double divergence_error = 0;      // its Monte Carlo standard error
  double mean_difference = 0;       // largest over coordinates, in posterior standard deviations
  double deviation_difference = 0;  // largest |log(sd of normal / sd of posterior)|
};

/// What was found with some of the records.
struct BernsteinVonMisesStep {
  double records = 0;        // number of them
  std::string refusal = {};  // why nothing was found; empty: the following hold
  Vector mean = {},
         deviations = {};  // of the posterior, unconstrained: full-rank q corrected by importance weights
  double k_hat = 0, k_hat_threshold = 0, effective_draws = 0;
  NormalDistance laplace = {};     // to the normal of mode and curvature of the posterior, with Jacobian
  NormalDistance likelihood = {};  // to the normal of the maximum likelihood and its information
  bool expected = false;           // that is the expected one, which the target knows; else the observed
  NormalDistance observed = {};    // to that of the observed information
  NormalDistance sandwich = {};    // to that of the sandwich covariance
  double sandwich_ratio = 0;       // the sandwich's sd / the observed information's, where furthest from 1
  double mean_field_gap = 0;       // of the best mean-field q from Laplace's normal, nats
};

/// The theorem seen on data: as their number grows, the posterior approaches the normal around the maximum
/// likelihood estimate with the inverse of the expected information as covariance (van der Vaart 1998,
/// section 10.2).
struct BernsteinVonMises {
  std::vector<BernsteinVonMisesStep> steps;  // from few records to all
  double rate = 0;  // slope of ln KL(posterior || likelihood's normal) over ln n; NaN: unknown
  std::vector<std::string> refusals;  // why there is no verdict; empty: there is one
  bool holds = false;                 // with all records
  std::vector<std::string> verdict;   // plain sentences; also on misspecification
};

/// Conditions of the theorem, a sentence each.
const std::vector<std::string>& bernstein_von_mises_conditions();

/// Looks at nested random parts of the records, each half of the next. The normals are refused where
/// `laplace` refuses them. There is no verdict where the importance weights of all records' draws have a
/// k-hat above its threshold and differ: a tail's shape alone, of weights that are nearly equal, does no
/// harm. Nor is there one where the features separate the classes. Collective; the same bits for any number
/// of ranks.
BernsteinVonMises bernstein_von_mises(const std::shared_ptr<const Target>& target, const ResponseShard& shard,
                                      const Communicator& comm,
                                      const BernsteinVonMisesSettings& settings = {});

/// KL of the best mean-field normal from the normal of that precision, (sum ln P_ii - ln det P) / 2, nats: no
/// sample-size effect (Blei et al. 2017).
double mean_field_gap(const Matrix& precision);

}  // namespace jensen::advi
