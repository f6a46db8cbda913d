#pragma once

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "jensen/core/nearest.hpp"
#include "jensen/data/arithmetic.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/tiles.hpp"
#include "jensen/models/kmeans/cluster_sums.hpp"

namespace jensen::kmeans {

using jensen::Arithmetic;  // of comparing distances

/// How labels are found from pass to pass. All ways give the same labels.
enum class Kernel {
  automatic,  // block by block what the last passes were quicker with
  plain,      // every record at every centroid; nothing is remembered
  bounded,    // bounds of the distances tell the records whose label may have changed
};

/// The centroids of a pass as the search compares them.
struct Centroids {
  explicit Centroids(const RowMatrix& exact, Arithmetic arithmetic);

  Index count() const { return values.rows(); }
  Arithmetic arithmetic() const {
    return std::holds_alternative<Positions<float>>(positions) ? Arithmetic::float32 : Arithmetic::float64;
  }

  RowMatrix values;  // K x D, rounded to the arithmetic
  std::variant<Positions<double>, Positions<float>> positions;
};

/// What is remembered of a block from one pass to the next; it saves work and changes no bit.
struct Memory {
  std::shared_ptr<const Centroids> seen = {};  // in the last pass; null: nothing is remembered
  std::vector<std::int32_t> labels = {};       // B, of absent records 0
  /// Bounds of the distances, at the centroids that were seen: from the own centroid and from the nearest
  /// other one. B, or empty.
  std::vector<float> upper = {}, lower = {};
  double largest_square = 0;                 // |z|^2 of the records with bounds
  Index patience = 1, passes_to_bounds = 1;  // passes without bounds after they did not pay
  ClusterSums sums = {};                     // of each cluster, with these labels; or empty
};

/// What a search found.
struct Found {
  std::vector<std::uint8_t> touched;  // K: whether the cluster lost or gained a record
  Index moved = 0;                    // records of another label than before
  Index searched = 0;                 // records that were looked at
  ClusterSums sums = {};              // of all clusters, where every record was at hand; or empty
};

/// Finds the nearest centroid of each record of a block, as all the scores by `Positions` would tell it.
///
/// Bounds are Hamerly's (2010): while a centroid moves by no more than its drift, the distance to the own one
/// grows by at most that and the distance to any other shrinks by at most the largest drift of those; nor is
/// any other nearer than its distance from the own one leaves open. A label is kept only where the bounds
/// leave more between the two than rounding could close, so that the search would find it again; all other
/// records are gathered into tiles and searched in full.
class Search {
 public:
  /// `records`: about how many there are.
  explicit Search(Kernel kernel = Kernel::automatic, double records = 0)
      : kernel_(kernel), records_(records) {}

  /// To be called before a pass, with the centroids (K x D) of the pass.
  void prepare(const RowMatrix& centroids, Arithmetic arithmetic);

  /// Labels of all records of positive weight, in `memory.labels`.
  Found update(const DenseBlock& block, Memory& memory) const;

 private:
  enum class Way { plain, with_bounds, by_bounds };

  Way choose(const DenseBlock& block, Memory& memory) const;
  bool worth_bounds(const DenseBlock& block) const;
  std::vector<std::int32_t> survivors(const DenseBlock& block, Memory& memory) const;
  std::vector<std::int32_t> rows_to_search(const DenseBlock& block, Way& way, Memory& memory) const;
  template <class T>
  Found run(const DenseBlock& block, const Positions<T>& positions, std::span<const std::int32_t> rows,
            Memory& memory) const;
  void set_drifts();
  void set_gaps();

  Kernel kernel_;
  double records_;
  std::shared_ptr<const Centroids> now_, before_;  // the latter the centroids that drifts count from
  std::vector<float> drifts_;                      // K, rounded upward
  std::vector<float> other_drifts_;                // K: the largest drift of all others
  std::vector<float> gaps_;  // K: from the nearest other centroid, rounded downward; 0 where not told
};

/// The nearest position of every record of a block, absent ones included.
void assign(const DenseBlock& block, const Positions<double>& positions, std::span<Index> labels);

}  // namespace jensen::kmeans
