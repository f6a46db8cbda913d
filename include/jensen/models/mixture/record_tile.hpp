#pragma once

#include <algorithm>

#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"
#include "jensen/data/block.hpp"

namespace jensen::mixture {

/// A few records of a block at a time, copied to where the kernels want them: in the first-level cache or
/// little beyond it, record by record, padded to whole vectors. Records of weight 0 are absent: they stand at
/// the origin, lest they overflow.
class RecordTile {
 public:
  /// At most so many records in a tile: the features of a tile stay in the second-level cache, and the sums
  /// over a tile are long against the time to fetch and store them.
  static constexpr Index kMostRows = 96;

  /// `twice`: whether a record is followed by itself.
  RecordTile(Index features, bool twice);

  /// Takes rows `begin` on of the block.
  void load(const DenseBlock& block, Index begin, Index rows);

  /// Makes the columns of what was taken.
  void make_columns();

  /// Calls `visit` with each tile of the block taken in turn.
  template <class Visit>
  void for_each(const DenseBlock& block, Visit visit) {
    for (Index begin = 0; begin < block.rows(); begin += kMostRows) {
      load(block, begin, std::min(kMostRows, block.rows() - begin));
      visit();
    }
  }

  Index first() const { return first_; }  // row of the block
  Index rows() const { return rows_; }
  Index padded_rows() const { return simd::padded<double>(rows_); }
  Index features() const { return features_; }
  double weight(Index n) const { return weights_[static_cast<std::size_t>(n)]; }

  /// The features of record n, once or twice, and then anything up to a whole vector and one more.
  const double* row(Index n) const { return records_.get() + n * row_stride_; }
  Index row_stride() const { return row_stride_; }  // a multiple of 8

  /// Feature d of the records, and zeros up to padded_rows(); the next feature kMostRows numbers on.
  const double* column(Index d) const { return columns_.get() + d * kMostRows; }

 private:
  Index features_, row_stride_;
  bool twice_;
  Index first_ = 0, rows_ = 0;
  Scratch records_, columns_, weights_;
};

}  // namespace jensen::mixture
