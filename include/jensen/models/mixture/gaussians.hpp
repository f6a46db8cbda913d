#pragma once

#include <memory>
#include <vector>

#include "jensen/core/cache_lines.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/data/transform.hpp"
#include "jensen/fit/part_archive.hpp"
#include "jensen/fit/statistics.hpp"
#include "jensen/models/mixture/covariance.hpp"
#include "jensen/models/mixture/family.hpp"
#include "jensen/models/mixture/moments.hpp"
#include "jensen/models/mixture/panels.hpp"

namespace jensen::mixture {

class Workspace;
class RoughWork;
struct BlockMoments;

/// Where |precision| max|x|^2 of a component is beyond this, its quadratic form is no longer expanded about
/// the origin but taken about its own mean: slower, and no digit is lost. (Expanding costs about 2^-52 times
/// that number, nats.)
inline constexpr double kExpansionLimit = 4e6;

/// D, internal coordinates: the largest |x_d|.
Vector reach_of(const FeatureSummary& summary, const Transform& transform);

/// What a local step of Gaussians adds up.
class GaussianSums : public Statistics {
 public:
  explicit GaussianSums(const MomentLayout& layout) : Statistics(layout.size()), layout_(layout) {}

  /// F x K: a component's second moments, first moments and weight in its column.
  Eigen::Map<Matrix> moments() { return {body().data(), layout_.width(), layout_.components}; }
  Eigen::Map<const Matrix> moments() const { return {body().data(), layout_.width(), layout_.components}; }
  Eigen::Map<Vector> pooled() {
    return {body().data() + layout_.components * layout_.width(), pooled_size()};
  }
  Eigen::Map<const Vector> pooled() const {
    return {body().data() + layout_.components * layout_.width(), pooled_size()};
  }
  double size(Index k) const { return moments()(layout_.width() - 1, k); }
  const MomentLayout& layout() const { return layout_; }

 private:
  Index pooled_size() const { return quadratic_size(layout_.pooled, layout_.features); }

  MomentLayout layout_;
};

/// The local step of every mixture of Gaussians: K components, each with a log score of a record x
///
///     log weight_k + log_constant_k - (x - mean_k)' W_k' W_k (x - mean_k) / 2,
///
/// responsibilities that are proportional to the scores' exponentials, and the records' moments under them. A
/// model sets its components one by one, and then packs them; all is in internal coordinates.
class Gaussians {
 public:
  struct Cache {
    AlignedVector<double> pooled;  // the block's pooled second moments, which stay
  };

  Gaussians(const Family& family, Index components, Index features, double expansion_limit);

  Index components() const { return static_cast<Index>(centred_.size()); }
  Index features() const { return reach_.size(); }
  const Family& family() const { return *family_; }
  /// Whether covariances are matrices; if not, variances.
  bool whitens() const { return family().form() == Quadratic::packed; }

  /// Before all components are set anew. `reach`: D, see reach_of().
  void begin(const Vector& reach);
  /// Sets component k, where W is not shared by all, or component 0. `whitening`: W, lower triangular D x D,
  /// or D x 1 (1/sd). `covariance_norm`: of (W'W)^-1; of variances it does not matter.
  void set(Index k, const Eigen::Ref<const RowVector>& mean, const Matrix& whitening, double log_constant,
           double covariance_norm);
  /// Sets component k > 0 that shares W with component 0.
  void set_like_first(Index k, const Eigen::Ref<const RowVector>& mean, double log_constant);
  /// Makes what the kernels want. `float32`: local steps are in single precision where that is safe.
  void pack(const Vector& log_weights, bool float32 = false);

  /// Lists what `set` left of component k.
  void describe_part(Index k, PartArchive& archive);

  const Matrix& whitening_of(Index k) const { return whitening_[column(k)]; }
  double log_constant(Index k) const { return log_constant_[k]; }
  /// What the moments of component k are about: its mean, or the origin.
  RowVector reference(Index k) const {
    return is_centred(k) ? RowVector(means_.row(k)) : RowVector::Zero(features());
  }
  /// Variances (by feature, or one) below which components are too narrow for float32.
  Vector narrowest_in_float() const;

  GaussianSums make_sums() const;
  /// Adds the block's log densities to the objective, and its moments.
  void local_step(const DenseBlock& block, Cache& cache, GaussianSums& sums) const;
  /// B x K scores.
  Matrix log_joint(const DenseBlock& block) const;
  /// B x K responsibilities and the B logarithms of the sums that they were divided by.
  void responsibilities(const DenseBlock& block, Matrix& r, Eigen::ArrayXd& log_density) const;
  /// Adds the block's moments under these responsibilities (B x K).
  void add_statistics(const DenseBlock& block, const Matrix& responsibilities, GaussianSums& sums) const;

 private:
  /// How scores are computed: quadratic forms expanded about the origin, one product for all components;
  /// distances scaled per component and feature; distances of whitened records.
  enum class Kernel { expanded, scaled, whitened };

  Kernel kernel() const {
    if (!whitens()) return Kernel::scaled;
    return family().shared() ? Kernel::whitened : Kernel::expanded;
  }
  double factor() const { return kernel() == Kernel::expanded ? 1.0 : -0.5; }
  bool is_centred(Index k) const { return centred_[static_cast<std::size_t>(k)] != 0; }
  std::size_t column(Index k) const { return family().shared() ? 0 : static_cast<std::size_t>(k); }
  Index padded_components() const { return simd::padded<double>(components()); }

  double expansion_of(const Matrix& whitening, double precision_norm) const;
  void pack_expanded();
  CacheLines score_tile(Workspace& work) const;
  void score_expanded(Workspace& work) const;
  CacheLines add_distances(Index rows, const double* records, Index record_stride, double* scores,
                           CacheLines soon) const;
  const double* whiten(Workspace& work) const;
  void score_centred(Index k, Workspace& work) const;
  BlockMoments& fresh_moments() const;
  void add_moments_tile(Workspace& work, BlockMoments& moments) const;
  void add_origin_moments(const Workspace& work, const BlockMoments& moments, GaussianSums& sums) const;
  void add_block_moments(const Workspace& work, const BlockMoments& moments, GaussianSums& sums) const;
  AlignedVector<double> pooled_moments(const DenseBlock& block) const;
  void add_pooled_moments(const DenseBlock& block, Cache& cache, GaussianSums& sums) const;
  void add_exactly(const DenseBlock& block, GaussianSums& sums) const;
  bool is_wide_enough_for_float() const;
  bool fits_into_float() const;
  void pack_rough_forms(bool wanted);
  void add_roughly(const DenseBlock& block, GaussianSums& sums) const;
  void add_rough_moments(const RoughWork& work, GaussianSums& sums) const;

  const Family* family_;
  Vector reach_;
  double expansion_limit_;
  std::shared_ptr<Workspace> workspace_;  // of local steps; keeps nothing from one to the next

  // By `set`:
  RowMatrix means_;                // K x D
  std::vector<Matrix> whitening_;  // W, of each component or of all
  Vector log_constant_;            // K
  Matrix theta_;                   // F x K: the expanded quadratic forms (packed components)
  Vector cancellation_;            // K: what a score loses to rounding, in units of 32 epsilon
  std::vector<char> centred_;      // K: about the component's mean instead of the origin

  // The same as the kernels want it, by `pack`:
  Vector constant_;                         // K: log_constant + log weight
  Panels forms_;                            // expanded: features x K; else scales, D x K
  Panels centres_;                          // D x K: scaled, or whitened, means
  AlignedVector<double> first_scores_;      // padded K: what scores begin with
  AlignedVector<double> turned_whitening_;  // whitened: W', D rows of whole vectors
  std::vector<RowMatrix> whitening_rows_;   // W, where any component is centred
  bool any_centred_ = false, all_centred_ = false;

  // And as those of float32 want it:
  struct RoughForms {
    PanelsOf<float> scales, centres;
    AlignedVector<float> first_scores;
  };
  bool in_float_ = false;  // whether the next local step is one of them
  RoughForms rough_forms_;
  std::shared_ptr<RoughWork> rough_work_;  // keeps nothing from one step to the next
};

}  // namespace jensen::mixture
