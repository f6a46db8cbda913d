#pragma once

#include "jensen/data/arithmetic.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/models/mixture/gaussians.hpp"
#include "jensen/models/mixture/parameters.hpp"

namespace jensen::gmm {

/// What a Gaussian mixture is told beside the data.
struct Settings {
  const mixture::Family* family = nullptr;
  Index components = 1;
  bool equal_weights = false;
  double fixed_variance = 0;       // EII: this variance, in squared units of the data; 0: estimated
  double covariance_floor = 1e-6;  // relative to the feature variances; 0: none
  double expansion_limit = mixture::kExpansionLimit;
  Arithmetic arithmetic = Arithmetic::float64;  // to begin with; float32: not of full or tied covariances
};

/// EM for a mixture of K Gaussians in D dimensions (Dempster, Laird and Rubin 1977; covariance families after
/// Celeux and Govaert 1995). After an E-step the objective is the log-likelihood, which equals the ELBO.
///
/// With float32 the first local steps are computed in single precision, until the components hardly move, or
/// one of them is too narrow for it or dies. From then on all is in double, so that a fit ends as one of
/// float64 does. No tolerance stops it before.
class GaussianMixture {
 public:
  using Block = DenseBlock;
  static constexpr bool kReadsStoredRecords = true;
  using Sums = mixture::GaussianSums;
  using Cache = mixture::Gaussians::Cache;

  /// All components at the origin of the internal coordinates. `seed` keys the directions of repairs.
  GaussianMixture(const Settings& settings, const FeatureSummary& summary, const Transform& transform,
                  std::uint64_t seed);

  Index components() const { return settings_.components; }
  Index features() const { return means_.cols(); }
  const mixture::Family& family() const { return *settings_.family; }
  const Vector& weights() const { return weights_; }                        // K
  const RowMatrix& means() const { return means_; }                         // K x D, internal coordinates
  const mixture::Covariances& covariances() const { return covariances_; }  // internal coordinates
  mixture::Parameters parameters() const { return {family(), weights_, means_, covariances_}; }
  bool floor_active() const { return floor_active_ != 0; }
  /// Whether the covariance floor acts, or a component has an effective size of at most D records.
  bool singular() const;
  Index free_parameters() const;

  /// Takes parameters in internal coordinates; covariances are brought into the family's form (pooled by
  /// weight, diagonal, or mean variance) and floored.
  void set_parameters(const Vector& weights, const RowMatrix& means, const std::vector<Matrix>& covariances);

  Sums make_sums() const { return gaussians_.make_sums(); }
  void prepare(Index t);
  void local_step(const Block& block, Cache& cache, Sums& sums) const {
    gaussians_.local_step(block, cache, sums);
  }
  double objective(const Sums& total) const { return total.objective(); }
  /// A log-likelihood of float32 may fall by its rounding.
  bool monotone() const { return rough_ == 0; }
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
  /// Writes name and parameters; see mixture::store_parameters.
  void save(const Transform& transform, Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of a mixture in these coordinates.
  void require_valid(const Transform& transform) const;
  ObjectiveUnits units() const { return {"log-likelihood", "nats", 1, log_scale_}; }

  /// B x K: log p(x_n, z_n = k), in internal coordinates.
  Matrix log_joint(const Block& block) const { return gaussians_.log_joint(block); }
  /// B x K responsibilities and B log-densities, in internal coordinates.
  void responsibilities(const Block& block, Matrix& r, Eigen::ArrayXd& log_density) const {
    gaussians_.responsibilities(block, r, log_density);
  }
  /// Adds the block's moments under these responsibilities (B x K).
  void add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const {
    gaussians_.add_statistics(block, responsibilities, sums);
  }

 private:
  Vector offset(const Sums& total, Index k) const;
  void update_shared_covariance(const Sums& total);
  void update_covariance(const Vector& scatter, double weight, Index c);
  void revive(Index dead, Index t, Change& change);
  bool stays_rough(const Change& change, Index t) const;
  double distance_in_sd(const Vector& mean, const Vector& old) const;

  Settings settings_;
  double log_scale_ = 0;       // log-density in the data's units = internal + this
  Vector reference_variance_;  // D, internal: what the floor is relative to
  Vector sd_;                  // D, internal
  Vector reach_;               // D, internal: max |z_d|
  double fixed_variance_ = 0;  // internal
  Index seed_ = 1;

  Vector weights_;
  RowMatrix means_;
  mixture::Covariances covariances_;
  Vector sizes_;  // K: effective numbers of records at the last global step
  Index floor_active_ = 0;
  Index rough_ = 0;  // whether local steps may still be in float32

  // Of the last global step:
  std::vector<char> floored_;  // K: whether the floor acted
  Vector moved_;               // K: largest change of mean and covariance

  mixture::Gaussians gaussians_;  // what the local step wants of all this; set by prepare()
};

static_assert(PartitionedModel<GaussianMixture>);

}  // namespace jensen::gmm
