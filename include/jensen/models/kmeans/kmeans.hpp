#pragma once

#include "jensen/data/block.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/models/kmeans/search.hpp"

namespace jensen::kmeans {

/// Sums of a pass: per cluster its weight, first moment and second moment, all about the origin of the
/// internal coordinates.
class Sums : public Statistics {
 public:
  Sums(Index clusters, Index features) : Statistics(clusters * (features + 2)), k_(clusters), d_(features) {}

  using Moments = Eigen::Map<RowMatrix>;
  using ConstMoments = Eigen::Map<const RowMatrix>;
  Moments first() { return {body().data(), k_, d_}; }  // K x D: sum of w z
  ConstMoments first() const { return {body().data(), k_, d_}; }
  Eigen::Map<Vector> sizes() { return {body().data() + k_ * d_, k_}; }  // sum of w
  Eigen::Map<const Vector> sizes() const { return {body().data() + k_ * d_, k_}; }
  Eigen::Map<Vector> squares() { return {body().data() + k_ * (d_ + 1), k_}; }  // sum of w |z|^2
  Eigen::Map<const Vector> squares() const { return {body().data() + k_ * (d_ + 1), k_}; }

 private:
  Index k_, d_;
};

struct Settings {
  Arithmetic arithmetic = Arithmetic::float64;  // to begin with
  Kernel kernel = Kernel::automatic;
};

/// k-means as hard EM: q(z_n) is a point mass on the nearest centroid (Lloyd 1982).
///
/// The objective is minus the inertia, computed from the sums, so that it does not depend on how the nearest
/// centroids were found. An empty cluster is put beside the centroid of the cluster of largest inertia, which
/// stays, so that the inertia cannot rise.
///
/// With float32 the first passes compare distances in single precision, until the centroids hardly move. From
/// then on all is in double, so that a fit ends as one of float64 does: at its fixed point. No tolerance
/// stops it before.
class KMeans {
 public:
  using Block = DenseBlock;
  using Sums = kmeans::Sums;
  using Cache = Memory;
  static constexpr bool kReadsStoredRecords = true;

  /// K centroids of D features in the given internal coordinates, all at the origin.
  /// `seed` keys the directions of repairs.
  KMeans(Index clusters, const FeatureSummary& summary, const Transform& transform, std::uint64_t seed,
         const Settings& settings = {});

  Index components() const { return centroids_.rows(); }
  Index features() const { return centroids_.cols(); }
  const RowMatrix& centroids() const { return centroids_; }  // K x D, internal coordinates
  void set_centroids(const RowMatrix& centroids) { centroids_ = centroids; }
  const Vector& sd() const { return sd_; }  // D: of the features, in internal coordinates

  Sums make_sums() const { return {components(), features()}; }
  void prepare(Index t);
  void local_step(const Block& block, Cache& cache, Sums& sums) const;
  double objective(const Sums& total) const;
  /// Labels that float32 finds need not be the nearest.
  bool monotone() const { return !rough_; }
  Change global_step(const Sums& total, Index t);
  void describe(Archive& archive);
  /// Centroids in the data's units under "/parameters".
  void save(const Transform& transform, Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of k-means in these coordinates.
  void require_valid(const Transform& transform) const;
  ObjectiveUnits units() const { return {"inertia", unit_, -1 / (scale_ * scale_), 0}; }

  /// Adds the block as if its responsibilities (B x K) were given.
  void add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const;

  /// The nearest centroid of each record, ties to the lowest index.
  void assign(const Block& block, std::vector<Index>& labels) const;

  /// Squared distance of each record from the centroid of its label, computed directly, in the unit of the
  /// inertia.
  Vector squared_distances(const Block& block, const std::vector<Index>& labels) const;

 private:
  void revive(Index empty, Index donor, double donor_sd, Index t);

  RowMatrix centroids_;
  Vector sd_;         // D: of the features, in internal coordinates
  double scale_ = 1;  // internal units per unit of the data; 1 where features have scales of their own
  const char* unit_;  // of the inertia
  Index seed_ = 1;
  Index rough_ = 0;  // whether distances are still compared in float32
  Search search_;    // of the centroids that were prepared
};

static_assert(Model<KMeans>);

/// Centroids of a file, or the means of a mixture: K x D, in the data's units. Throws InputError where there
/// are none or they are not finite.
RowMatrix stored_centroids(const Document& document);

}  // namespace jensen::kmeans
