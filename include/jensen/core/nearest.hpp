#pragma once

#include "jensen/core/aligned.hpp"
#include "jensen/core/cache_lines.hpp"
#include "jensen/core/simd.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// Records that the search looks at together: a tile is D x kTileRows<T>, a feature's records side by side.
template <class T>
inline constexpr Index kTileRows = 4 * simd::kLanes<T>;

/// What is known of the records of a tile after a search.
template <class T>
struct Nearest {
  alignas(64) T best[kTileRows<T>];    // the lowest score
  alignas(64) T second[kTileRows<T>];  // the lowest of the others, infinite for one position; on request
  alignas(64) T index[kTileRows<T>];   // of the best: ties to the lowest
};

/// K positions, packed for THE search for the nearest one.
///
/// The score of record z at position c is |c|^2/2 - z.c, half of |z - c|^2 - |z|^2: a chain of fused
/// multiply-adds over the features in turn, from |c|^2/2 on. No score hangs on the other records of its tile,
/// on the other positions or on the width of the registers, so that a record has the same bits wherever it is
/// looked at.
template <class T>
class Positions {
 public:
  Positions() = default;
  /// K x D; rounded to T.
  explicit Positions(const RowMatrix& positions);

  Index count() const { return count_; }
  Index features() const { return features_; }

  /// Bound of the rounding error of any score of a record of square |z|^2.
  double score_error(double square) const;

  /// `soon`: cache lines that are to be read next, asked for while the search goes on.
  void find(const T* tile, Nearest<T>& found, CacheLines soon = {}) const {
    search<false>(tile, found, soon);
  }
  void find_two(const T* tile, Nearest<T>& found, CacheLines soon = {}) const {
    search<true>(tile, found, soon);
  }

 private:
  template <bool two>
  void search(const T* tile, Nearest<T>& found, CacheLines soon) const;

  Index count_ = 0, features_ = 0;
  AlignedVector<T> packed_;      // panel by panel, D x positions of the panel
  AlignedVector<T> half_norms_;  // K: |c|^2 / 2
  AlignedVector<T> numbers_;     // K: 0, 1, ...
  double largest_square_ = 0;    // |c|^2
};

extern template class Positions<float>;
extern template class Positions<double>;

}  // namespace jensen
