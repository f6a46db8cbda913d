#pragma once

#include "jensen/data/feature_summary.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/models/bayes_gmm/weights.hpp"
#include "jensen/models/bayes_gmm/wishart.hpp"
#include "jensen/models/mixture/gaussians.hpp"
#include "jensen/models/mixture/parameters.hpp"
#include "jensen/models/mixture/sampler.hpp"

namespace jensen::bayes_gmm {

/// Prior and size of a Bayesian mixture.
struct Settings {
  const mixture::Family* family = nullptr;
  Index components = 1;
  WeightPrior weight_prior = WeightPrior::dirichlet;
  double concentration = 1;   // alpha_0 > 0
  double mean_precision = 1;  // beta_0 > 0: records that the prior mean counts for
  double degrees_of_freedom =
      1;                   // nu_0: records that the prior covariance counts for; full, tied: above D - 1
  double prior_scale = 1;  // of W_0^-1, in units of the data's covariance
  double expansion_limit = mixture::kExpansionLimit;
};

/// Variational Bayes for a mixture of K Gaussians in D dimensions (Bishop 2006, 10.2) with
///
///     mu_k | Lambda_k ~ N(m_0, (beta_0 Lambda_k)^-1),    Lambda_k ~ Wishart(W_0, nu_0),
///
/// the Wishart in the form of the covariance family, and of all components together where they share their
/// covariance. The posterior is factorised into assignments and parameters. The objective is the full ELBO, a
/// lower bound of log p(X).
class BayesianMixture {
 public:
  using Block = DenseBlock;
  static constexpr bool kReadsStoredRecords = true;
  using Sums = mixture::GaussianSums;
  using Cache = mixture::Gaussians::Cache;

  /// The posterior is the prior at first. The prior's mean is that of the data, the origin of the internal
  /// coordinates, and its covariance W_0^-1 that of independent features with the data's variances, until
  /// `set_prior_covariance`.
  BayesianMixture(const Settings& settings, const FeatureSummary& summary, const Transform& transform);

  /// W_0^-1, D x D, in internal coordinates; of which the family takes what it has; positive definite.
  void set_prior_covariance(const Matrix& sigma);

  Index components() const { return settings_.components; }
  Index features() const { return means_.cols(); }
  const mixture::Family& family() const { return *settings_.family; }
  const Settings& settings() const { return settings_; }
  const Vector& sizes() const { return sizes_; }     // K: N_k, effective numbers of records
  const RowMatrix& means() const { return means_; }  // K x D: m_k
  const mixture::Covariances& covariances() const { return covariances_; }  // (nu_k W_k)^-1 = (E Lambda_k)^-1
  /// Weights E pi_k, means and covariances.
  mixture::Parameters parameters() const { return {family(), weights_.mean, means_, covariances_}; }

  double mean_precision(Index k) const { return settings_.mean_precision + sizes_[k]; }              // beta_k
  double degrees_of_freedom(Index k) const { return settings_.degrees_of_freedom + records_of(k); }  // nu_k

  /// A component is live where it has at least one record: N_k >= 1.
  Index live_components() const { return (sizes_.array() >= 1).count(); }
  /// ln(K! / d!), d dead components: posteriors that differ from this one in labels alone (Bishop
  /// 2006, 10.2.4).
  double log_labellings() const;

  Sums make_sums() const { return gaussians_.make_sums(); }
  void prepare(Index t);
  void local_step(const Block& block, Cache& cache, Sums& sums) const {
    gaussians_.local_step(block, cache, sums);
  }
  /// The ELBO: the records' part, less the divergence of the posterior of the parameters from their prior.
  double objective(const Sums& total) const { return total.objective() - divergence_; }
  bool monotone() const { return true; }
  Change global_step(const Sums& total, Index t);

  // The components as parts, where no covariance is shared (see PartitionedModel):
  Index parts() const { return family().shared() ? 0 : components(); }
  double part_seconds() const;
  void update_part(const Sums& total, Index k);
  void prepare_part(Index k);
  void describe_part(Index k, PartArchive& archive);
  Change join_parts(Index t);
  void prepare_joined();

  void describe(Archive& archive);
  /// Writes name, parameters (see mixture::store_parameters), "/posterior" and "/prior".
  void save(const Transform& transform, Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of a mixture in these coordinates.
  void require_valid(const Transform& transform) const;
  ObjectiveUnits units() const { return {"ELBO", "nats", 1, log_scale_}; }

  /// KL(q || p) of weights, means and precisions, nats.
  double divergence() const { return divergence_; }
  /// B x K: the expectation of log p(x_n, z_n = k) under the posterior, in internal coordinates.
  Matrix log_joint(const Block& block) const { return gaussians_.log_joint(block); }
  /// B x K responsibilities, and the B logarithms of the sums they were divided by.
  void responsibilities(const Block& block, Matrix& r, Eigen::ArrayXd& log_sum) const {
    gaussians_.responsibilities(block, r, log_sum);
  }
  /// Adds the block's moments under these responsibilities (B x K).
  void add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const {
    gaussians_.add_statistics(block, responsibilities, sums);
  }

  /// The posterior predictive: components are multivariate t distributions about m_k (Bishop 2006,
  /// eq. 10.81); products of such of one dimension for `diag`.
  mixture::Tails tails() const;
  /// B logarithms of the posterior predictive density, in internal coordinates. `joint`: B x K, log_joint.
  Eigen::ArrayXd log_predictive(const Block& block, const Matrix& joint) const;

 private:
  /// Records that the covariance of component k is estimated from.
  double records_of(Index k) const { return family().shared() ? sizes_.sum() : sizes_[k]; }
  Wishart wishart(Index k, double log_mean) const {
    return {family().form(), features(), degrees_of_freedom(k), log_mean};
  }
  Vector scatter_about_prior(const Sums& total, Index k, Vector moments) const;
  Vector offset(const Sums& total, Index k) const;
  void update_covariance(const Vector& scatter, Index c);
  double relative_trace(const Matrix& whitening) const;

  Settings settings_;
  double log_scale_ = 0;  // log-density in the data's units = internal + this
  Vector sd_;             // D, internal
  Vector reach_;          // D, internal: max |z_d|

  mixture::Covariances prior_covariance_;  // (nu_0 W_0)^-1, one column
  Vector sizes_;
  RowMatrix means_;
  mixture::Covariances covariances_;
  WeightPosterior weights_;

  Vector moved_;  // K: largest change of mean and covariance in the last global step

  // Derived by prepare():
  double prior_log_mean_ = 0;  // log |nu_0 W_0|
  Vector log_mean_;            // K: log |E Lambda_k|
  Vector part_divergence_;     // K: KL of mean and covariance; of one that is shared, the first's
  double divergence_ = 0;
  mixture::Gaussians gaussians_;
};

static_assert(PartitionedModel<BayesianMixture>);

}  // namespace jensen::bayes_gmm
