#pragma once

#include "jensen/models/kmeans/kmeans.hpp"

namespace jensen::kmeans {

/// k-means as what it is a limit of: a mixture of K Gaussians of equal weights 1/K and one variance σ² for
/// all features, fitted by hard EM, where q is a point mass. Over N records of D features
///
///     ELBO = -inertia / (2 σ²) - (N D / 2) ln(2 π σ²) - N ln K,
///
/// and KL = -Σ ln r_n of the component chosen for record n. The M-step for σ² is inertia / (N D), of the
/// labels that gave the centroids; the fit begins at the mean variance of the features. None of it changes
/// what k-means does.
class HardMixture : public KMeans {
 public:
  static constexpr bool kPointMass = true;

  /// `fixed_variance`: σ², in the unit of the inertia; 0: estimated.
  HardMixture(Index clusters, const FeatureSummary& summary, const Transform& transform, std::uint64_t seed,
              const Settings& settings = {}, double fixed_variance = 0);

  double variance() const { return variance_; }  // σ², in the unit of the inertia

  Change global_step(const Sums& total, Index t);
  void describe(Archive& archive);

  /// B x K: log p(x_n, z_n = k), of densities in the unit of the inertia.
  Matrix log_joint(const Block& block) const;

 private:
  double mean_variance() const;

  bool is_fixed_;
  double variance_;
};

}  // namespace jensen::kmeans
