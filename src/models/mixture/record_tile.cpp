#include "jensen/models/mixture/record_tile.hpp"

#include <algorithm>

#include "jensen/core/product.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::mixture {

RecordTile::RecordTile(Index features, Index most_rows)
    : features_(features),
      column_stride_(simd::padded<double>(std::min(most_rows, kMostRows))),
      row_stride_(simd::padded<double>(2 * features + 8)),
      columns_(make_scratch(static_cast<std::size_t>(features * column_stride_))),
      records_(make_scratch(static_cast<std::size_t>(column_stride_ * row_stride_))),
      weights_(make_scratch(static_cast<std::size_t>(column_stride_))) {
  std::fill_n(records_.get(), column_stride_ * row_stride_, 0.0);
}

void RecordTile::load(const DenseBlock& block, Index begin, Index rows) {
  first_ = begin;
  rows_ = rows;
  double* const weights = weights_.get();
  bool all_present = true;
  for (Index n = 0; n < rows; ++n) {
    weights[n] = block.weight(begin + n);
    all_present = all_present && weights[n] > 0;
  }
  for (Index d = 0; d < features_; ++d) {
    double* const column = columns_.get() + d * column_stride_;
    std::copy_n(block.records.col(d).data() + begin, rows, column);
    std::fill(column + rows, column + column_stride_, 0.0);
    if (all_present) continue;
    for (Index n = 0; n < rows; ++n) column[n] = weights[n] > 0 ? column[n] : 0.0;
  }
  simd::transpose(rows, features_, columns_.get(), column_stride_, records_.get(), row_stride_);
  for (Index n = 0; n < rows; ++n) {
    double* const record = records_.get() + n * row_stride_;
    for (Index d = 0; d < features_; d += simd::kLanes<double>)
      simd::store_anywhere<double>(simd::load<double>(record + d), record + features_ + d);
  }
}

}  // namespace jensen::mixture
