#pragma once

#include <span>

#include "jensen/core/aligned.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

struct Transform;

/// The records of a block as a shard keeps them, B x D, record by record, in the data's units. One of the two
/// pointers, or none.
struct StoredRecords {
  const float* floats = nullptr;
  const double* doubles = nullptr;
  const Transform* transform = nullptr;  // into internal coordinates
};

/// A fixed slice of the global numbering of dense records: the unit of work.
struct DenseBlock {
  Index first_record = 0;                // global number of row 0
  RowMatrixView records{nullptr, 0, 0};  // B x D in internal coordinates
  std::span<const double> weights = {};  // B, or empty: all one
  StoredRecords stored = {};             // given instead of `records` by `DenseShard::stored`

  Index rows() const { return records.rows(); }
  Index features() const { return records.cols(); }
  double weight(Index row) const { return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(row)]; }
  double total_weight() const;

  /// values[n] *= weight of record n; a record of weight 0 is absent, whatever its value.
  template <class Derived>
  void apply_weights(Eigen::ArrayBase<Derived>& values) const {
    if (weights.empty()) return;
    const Eigen::Map<const Eigen::ArrayXd> w(weights.data(), rows());
    values = (w > 0).select(w * values, 0.0);
  }
};

}  // namespace jensen
