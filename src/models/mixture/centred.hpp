#pragma once

#include "jensen/models/mixture/record_tile.hpp"

namespace jensen::mixture {

/// What the records of a tile are to one component about its own mean, where expanding about the origin would
/// lose digits: narrow components, or far ones.
class CentredTile {
 public:
  explicit CentredTile(Index features);

  /// squared[n] = |W (z_n - mean)|^2; W is D x D, lower triangular and row-major, zeros above.
  void squared_distances(const RecordTile& tile, const RowVector& mean, const double* w, double* squared);

  /// scatter += sum_n r_n (z - mean) (z - mean)', and then sum_n r_n (z - mean), where r_n is
  /// responsibilities[n * stride]. `scatter` has D + 1 rows of scatter_stride() numbers; of the first D the
  /// upper triangle is meant.
  void add_scatter(const RecordTile& tile, const RowVector& mean, const double* responsibilities,
                   Index stride, double* scatter);

  /// sums += sum_n r_n [(z - mean)^2, z - mean], 2 D numbers.
  void add_squares(const RecordTile& tile, const RowVector& mean, const double* responsibilities,
                   Index stride, double* sums);

  Index scatter_stride() const { return simd_width_; }

 private:
  Index features_, simd_width_;
  Scratch centred_, turned_, mean_;
};

}  // namespace jensen::mixture
