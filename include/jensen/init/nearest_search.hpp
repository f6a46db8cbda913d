#pragma once

#include <span>

#include "jensen/core/nearest.hpp"
#include "jensen/data/block.hpp"

namespace jensen {

/// Finds the nearest of a few positions with squared distances that may be compared with 0: they are computed
/// directly, so that a record at a position, or at its double, is at distance 0 from it.
class NearestSearch {
 public:
  /// K x D, internal coordinates.
  explicit NearestSearch(const RowMatrix& positions);

  /// Where a position is nearer than `squared` says: labels[n] = first_label + its number, and its squared
  /// distance.
  void improve(const DenseBlock& block, Index first_label, std::span<std::int32_t> labels,
               std::span<double> squared) const;

 private:
  void improve_directly(const double* tile, Index lane, Index first_label, std::int32_t& label,
                        double& squared) const;

  RowMatrix exact_;  // K x D
  Positions<double> positions_;
};

}  // namespace jensen
