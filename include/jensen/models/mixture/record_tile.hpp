#pragma once

#include "jensen/core/aligned.hpp"
#include "jensen/data/block.hpp"

namespace jensen::mixture {

/// A few records of a block at a time, copied to where the kernels want them: in the first-level cache or
/// little beyond it, feature by feature and record by record, padded with zeros to whole vectors. Records of
/// weight 0 are absent: they stand at the origin, lest they overflow.
class RecordTile {
 public:
  /// At most so many records in a tile: the features of a tile stay in the second-level cache, and the sums
  /// over a tile are long against the time to fetch and store them.
  static constexpr Index kMostRows = 96;

  /// For blocks of at most so many rows.
  RecordTile(Index features, Index most_rows);

  /// Takes rows `begin` on of the block.
  void load(const DenseBlock& block, Index begin, Index rows);

  /// Calls `visit` with the tile at each tile of the block in turn.
  template <class Visit>
  void for_each(const DenseBlock& block, Visit visit) {
    for (Index begin = 0; begin < block.rows(); begin += kMostRows) {
      load(block, begin, std::min(kMostRows, block.rows() - begin));
      visit();
    }
  }

  Index first() const { return first_; }  // row of the block
  Index rows() const { return rows_; }
  Index features() const { return features_; }

  /// Feature d of the records: `column_stride` numbers, zeros beyond `rows()`.
  const double* column(Index d) const { return columns_.get() + d * column_stride_; }
  Index column_stride() const { return column_stride_; }  // a multiple of 8

  /// The features of record n twice in a row, then anything up to whole vectors.
  const double* row(Index n) const { return records_.get() + n * row_stride_; }
  Index row_stride() const { return row_stride_; }  // a multiple of 8, at least 2 D + 8

  double weight(Index n) const { return weights_[static_cast<std::size_t>(n)]; }

 private:
  Index features_, column_stride_, row_stride_;
  Index first_ = 0, rows_ = 0;
  Scratch columns_, records_, weights_;
};

}  // namespace jensen::mixture
