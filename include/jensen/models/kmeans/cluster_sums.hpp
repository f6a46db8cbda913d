#pragma once

#include <algorithm>

#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"
#include "jensen/core/types.hpp"

namespace jensen::kmeans {

/// The sums of each cluster over records of a block: of w z, w and w |z|^2, in this order, padded.
class ClusterSums {
 public:
  ClusterSums() = default;
  ClusterSums(Index clusters, Index features)
      : clusters_(clusters),
        features_(features),
        values_(static_cast<std::size_t>(clusters * stride()), 0.0) {}

  /// Numbers of a cluster, and rows of a tile.
  static Index stride_of(Index features) { return simd::padded<double>(features + 2); }
  Index stride() const { return stride_of(features_); }

  bool empty() const { return values_.empty(); }
  const double* of(Index cluster) const { return values_.data() + cluster * stride(); }
  void clear(Index cluster) { std::fill_n(values_.begin() + cluster * stride(), stride(), 0.0); }

  /// Adds `count` records of a tile with room for stride() rows, whose rows behind the features it writes. A
  /// record whose weight is not positive is absent.
  void add(double* tile, const std::int32_t* labels, const double* weights, Index count);

 private:
  Index clusters_ = 0, features_ = 0;
  AlignedVector<double> values_;
};

}  // namespace jensen::kmeans
