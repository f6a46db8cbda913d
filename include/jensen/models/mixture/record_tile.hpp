#pragma once

#include <algorithm>

#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"
#include "jensen/data/tiles.hpp"

namespace jensen::mixture {

/// What follows the features z of a record in a tile: z again at once, so that the features lie on a circle;
/// or after whole vectors z_d^2, or |z|^2, whose sums are wanted beside those of z.
enum class Beside { nothing, again, squares, norm };

/// A few records of a block at a time, copied to where the kernels want them: in the first-level cache or
/// little beyond it, record by record, padded to whole vectors. Records of weight 0 are absent: they stand at
/// the origin, lest they overflow.
class RecordTile {
 public:
  static constexpr Index kMostRows = 96;

  /// `rows`: records in a tile, kMostRows at most.
  RecordTile(Index features, Beside beside, Index rows = kMostRows);

  /// Makes the columns of what was taken.
  void make_columns();

  /// Calls `visit` with each tile of the block taken in turn.
  template <class Visit>
  void for_each(const DenseBlock& block, Visit visit) {
    const TileReader reader(block);
    for (Index begin = 0; begin < block.rows(); begin += most_rows_) {
      load(block, reader, begin);
      visit();
    }
  }

  /// Where the next tile of the block is to be read from.
  CacheLines next_lines() const { return next_lines_; }

  Index first() const { return first_; }  // row of the block
  Index rows() const { return rows_; }
  Index padded_rows() const { return simd::padded<double>(rows_); }
  Index features() const { return features_; }
  double weight(Index n) const { return weights_[static_cast<std::size_t>(n)]; }

  /// Record n and what is beside it, and then anything finite up to whole vectors.
  const double* row(Index n) const { return records_.get() + n * row_stride_; }
  /// A multiple of 8, and an odd one, so that records do not compete for one set of a cache.
  Index row_stride() const { return row_stride_; }
  /// Of a row: whole vectors, with what is beside the record.
  Index width() const { return width_; }

  /// Feature d of the records, and zeros up to padded_rows(); the next feature kMostRows numbers on.
  const double* column(Index d) const { return columns_.get() + d * kMostRows; }

 private:
  void load(const DenseBlock& block, const TileReader& reader, Index begin);

  Index features_, most_rows_;
  Beside beside_;
  Index width_, row_stride_;
  Index first_ = 0, rows_ = 0;
  Scratch records_, columns_, weights_;
  CacheLineList next_lines_;
};

}  // namespace jensen::mixture
