#pragma once

#include <vector>

#include "jensen/models/gmm/moments.hpp"
#include "jensen/models/mixture/record_tile.hpp"

namespace jensen::gmm {

/// The features of a record z whose weighted sums are the moments of a component: its quadratic features of
/// some kind, and z itself. They are made for a tile at a time, in slices that a second-level cache holds.
class Features {
 public:
  struct Slice {
    Index first = 0;  // of all features
    Index count = 0;
    Index padded_first = 0;                       // where every slice is padded to whole vectors
    Index width = 0;                              // `count` padded
    Index first_distance = 0, last_distance = 0;  // packed: which pairs
  };

  Features(Quadratic kind, Index features);

  Quadratic kind() const { return kind_; }
  Index count() const { return slices_.back().first + slices_.back().count; }
  Index padded_count() const { return slices_.back().padded_first + slices_.back().width; }
  const std::vector<Slice>& slices() const { return slices_; }

  /// Numbers from one record's features to the next one's, for all slices: whole cache lines, an odd number,
  /// so that records do not compete for one set of a cache.
  Index stride() const { return stride_; }
  /// Room that the features of a slice of so many records take.
  Index room(Index rows) const { return rows * stride_ + 8; }

  /// Writes the slice's features of some of the tile's records, the first one's to `out`.
  void fill(const Slice& slice, const mixture::RecordTile& tile, Index first, Index rows, double* out) const;

 private:
  Quadratic kind_;
  Index features_;
  Index stride_ = 0;
  std::vector<Slice> slices_;
};

}  // namespace jensen::gmm
