#pragma once

#include <memory>

#include "jensen/core/cache_lines.hpp"
#include "jensen/data/arithmetic.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/models/gmm/covariance.hpp"
#include "jensen/models/gmm/family.hpp"
#include "jensen/models/gmm/moments.hpp"
#include "jensen/models/mixture/panels.hpp"

namespace jensen::gmm {

/// What a Gaussian mixture is told beside the data.
struct Settings {
  const Family* family = nullptr;
  Index components = 1;
  bool equal_weights = false;
  double fixed_variance = 0;       // EII: this variance, in squared units of the data; 0: estimated
  double covariance_floor = 1e-6;  // relative to the feature variances; 0: none
  /// Where |precision| * max|z|^2 of a component is beyond this, its quadratic form is no longer expanded
  /// about the origin but taken about its own mean: slower, and no digit is lost. (Expanding costs about
  /// 2^-52 times that number, nats.)
  double expansion_limit = 4e6;
  Arithmetic arithmetic = Arithmetic::float64;  // to begin with; float32: not of full or tied covariances
};

class Workspace;
class RoughWork;
struct BlockMoments;

class Sums : public Statistics {
 public:
  explicit Sums(const MomentLayout& layout) : Statistics(layout.size()), layout_(layout) {}

  /// F x K: a component's second moments, first moments and weight in its column.
  Eigen::Map<Matrix> moments() { return {body().data(), layout_.width(), layout_.components}; }
  Eigen::Map<const Matrix> moments() const { return {body().data(), layout_.width(), layout_.components}; }
  Eigen::Map<Vector> pooled() {
    return {body().data() + layout_.components * layout_.width(), pooled_size()};
  }
  Eigen::Map<const Vector> pooled() const {
    return {body().data() + layout_.components * layout_.width(), pooled_size()};
  }
  const MomentLayout& layout() const { return layout_; }

 private:
  Index pooled_size() const { return quadratic_size(layout_.pooled, layout_.features); }

  MomentLayout layout_;
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
  using Sums = gmm::Sums;
  struct Cache {
    AlignedVector<double> pooled;  // the block's pooled second moments, which stay
  };

  /// All components at the origin of the internal coordinates. `seed` keys the directions of repairs.
  GaussianMixture(const Settings& settings, const FeatureSummary& summary, const Transform& transform,
                  std::uint64_t seed);

  Index components() const { return settings_.components; }
  Index features() const { return means_.cols(); }
  const Family& family() const { return *settings_.family; }
  const Vector& weights() const { return weights_; }               // K
  const RowMatrix& means() const { return means_; }                // K x D, internal coordinates
  const Covariances& covariances() const { return covariances_; }  // internal coordinates
  bool floor_active() const { return floor_active_ != 0; }
  /// Whether the covariance floor acts, or a component has an effective size of at most D records.
  bool singular() const;
  Index free_parameters() const;

  /// Takes parameters in internal coordinates; covariances are brought into the family's form (pooled by
  /// weight, diagonal, or mean variance) and floored.
  void set_parameters(const Vector& weights, const RowMatrix& means, const std::vector<Matrix>& covariances);

  Sums make_sums() const;
  void prepare(Index t);
  void local_step(const Block& block, Cache& cache, Sums& sums) const;
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
  /// Parameters in the data's units under "/parameters": weights, means, covariances and their decomposition
  /// into volume, shape and orientation.
  void save(const Transform& transform, Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of a mixture in these coordinates.
  void require_valid(const Transform& transform) const;
  ObjectiveUnits units() const { return {"log-likelihood", "nats", 1, log_scale_}; }

  /// B x K: log p(x_n, z_n = k), in internal coordinates.
  Matrix log_joint(const Block& block) const;
  /// B x K responsibilities and B log-densities, in internal coordinates.
  void responsibilities(const Block& block, Matrix& r, Eigen::ArrayXd& log_density) const;
  /// Adds the block's moments under these responsibilities (B x K).
  void add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const;

 private:
  /// How log densities are computed: quadratic forms expanded about the origin, one product for all
  /// components; distances scaled per component and feature; distances of whitened records.
  enum class Kernel { expanded, scaled, whitened };

  Kernel kernel() const {
    if (!whitens()) return Kernel::scaled;
    return family().shared() ? Kernel::whitened : Kernel::expanded;
  }
  bool whitens() const { return family().form() == Quadratic::packed; }
  double factor() const { return kernel() == Kernel::expanded ? 1.0 : -0.5; }
  bool is_centred(Index k) const { return centred_[static_cast<std::size_t>(k)] != 0; }
  const Matrix& whitening_of(Index k) const {
    return whitening_[static_cast<std::size_t>(covariances_.column(k))];
  }

  Index padded_components() const { return simd::padded<double>(components()); }

  void pack_forms();
  CacheLines score_tile(Workspace& work) const;
  void score_expanded(Workspace& work) const;
  CacheLines add_distances(Index rows, const double* records, Index record_stride, double* scores,
                           CacheLines soon) const;
  const double* whiten(Workspace& work) const;
  void score_centred(Index k, Workspace& work) const;
  BlockMoments& fresh_moments() const;
  void add_moments_tile(Workspace& work, BlockMoments& moments) const;
  void add_origin_moments(const Workspace& work, const BlockMoments& moments, Sums& sums) const;
  void add_block_moments(const Workspace& work, const BlockMoments& moments, Sums& sums) const;
  AlignedVector<double> pooled_moments(const Block& block) const;
  void add_pooled_moments(const Block& block, Cache& cache, Sums& sums) const;
  Vector offset(const Sums& total, Index k) const;
  void update_shared_covariance(const Sums& total);
  void update_covariance(const Vector& scatter, double weight, Index c);
  void revive(Index dead, Index t, Change& change);
  Vector narrowest_in_float() const;
  bool is_wide_enough_for_float() const;
  bool fits_into_float() const;
  bool stays_rough(const Change& change, Index t) const;
  void pack_rough_forms();
  void add_roughly(const Block& block, Sums& sums) const;
  void add_rough_moments(const RoughWork& work, Sums& sums) const;
  void add_exactly(const Block& block, Sums& sums) const;
  double distance_in_sd(const Vector& mean, const Vector& old) const;
  double covariance_change(const Vector& old, Index c) const;

  Settings settings_;
  double log_scale_ = 0;       // log-density in the data's units = internal + this
  Vector reference_variance_;  // D, internal: what the floor is relative to
  Vector sd_;                  // D, internal
  Vector reach_;               // D, internal: max |z_d|
  double fixed_variance_ = 0;  // internal
  Index seed_ = 1;

  Vector weights_;
  RowMatrix means_;
  Covariances covariances_;
  Vector sizes_;  // K: effective numbers of records at the last global step
  Index floor_active_ = 0;
  Index rough_ = 0;  // whether local steps may still be in float32

  // Of the last global step:
  std::vector<char> floored_;  // K: whether the floor acted
  Vector moved_;               // K: largest change of mean and covariance

  std::shared_ptr<Workspace> workspace_;  // of local steps; keeps nothing from one to the next

  // Derived by prepare():
  std::vector<Matrix> whitening_;  // W with W'W = precision: D x D (packed) or D x 1 (1/sd)
  Vector log_constant_;            // K: log weight - log normaliser
  Matrix theta_;                   // F x K: the expanded quadratic forms (packed components)
  Vector cancellation_;            // K: what a log density loses to rounding, in units of 32 epsilon
  std::vector<char> centred_;      // K: about the component's mean instead of the origin

  // The same as the kernels want it:
  mixture::Panels forms_;                   // expanded: features x K; else scales, D x K
  mixture::Panels centres_;                 // D x K: scaled, or whitened, means
  AlignedVector<double> first_scores_;      // padded K: what scores begin with
  AlignedVector<double> turned_whitening_;  // whitened: W', D rows of whole vectors
  std::vector<RowMatrix> whitening_rows_;   // W, where any component is centred
  bool any_centred_ = false, all_centred_ = false;

  // And as those of float32 want it:
  struct RoughForms {
    mixture::PanelsOf<float> scales, centres;
    AlignedVector<float> first_scores;
  };
  bool in_float_ = false;  // whether the next local step is one of them
  RoughForms rough_forms_;
  std::shared_ptr<RoughWork> rough_work_;  // keeps nothing from one step to the next
};

static_assert(PartitionedModel<GaussianMixture>);

}  // namespace jensen::gmm
