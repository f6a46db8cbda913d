#pragma once

#include <algorithm>
#include <functional>

#include "jensen/core/aligned.hpp"
#include "jensen/core/simd_math.hpp"

namespace jensen::kmeans {

/// The sums of each cluster over records of a block: of w z, w |z|^2 and w.
class ClusterSums {
 public:
  ClusterSums() = default;
  ClusterSums(Index clusters, Index features)
      : stride_(simd::padded<double>(features) + simd::kLanes<double>),
        moments_(static_cast<std::size_t>(clusters * stride_), 0.0),
        sizes_(static_cast<std::size_t>(clusters), 0.0) {}

  bool empty() const { return sizes_.empty(); }
  const double* first(Index cluster) const { return moments_.data() + cluster * stride_; }  // D
  double square(Index cluster) const {
    return simd::fold(simd::load<double>(first(cluster) + squares()), std::plus<>());
  }
  double size(Index cluster) const { return sizes_[static_cast<std::size_t>(cluster)]; }

  void clear(Index cluster) {
    std::fill_n(moments_.begin() + cluster * stride_, stride_, 0.0);
    sizes_[static_cast<std::size_t>(cluster)] = 0;
  }

  /// Adds a record of positive weight: D numbers, and zeros up to whole vectors.
  [[gnu::flatten]] void add(const double* record, double weight, Index cluster) {
    double* sum = moments_.data() + cluster * stride_;
    double* const squared = sum + squares();
    const simd::Doubles factor(weight);
    simd::Doubles square = 0.0;
    do {  // at least one step: else gcc keeps the square in memory
      const simd::Doubles z = simd::load<double>(record);
      simd::store<double>(simd::fma(factor, z, simd::load<double>(sum)), sum);
      square = simd::fma(z, z, square);
      record += simd::kLanes<double>;
      sum += simd::kLanes<double>;
    } while (sum != squared);
    simd::store<double>(simd::fma(factor, square, simd::load<double>(squared)), squared);
    sizes_[static_cast<std::size_t>(cluster)] += weight;
  }

 private:
  Index squares() const { return stride_ - simd::kLanes<double>; }

  Index stride_ = 0;
  AlignedVector<double> moments_;  // of each cluster: w z, padded, and a vector whose lanes add to w |z|^2
  AlignedVector<double> sizes_;
};

}  // namespace jensen::kmeans
