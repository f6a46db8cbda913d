#include "jensen/models/mixture/record_tile.hpp"

namespace jensen::mixture {

RecordTile::RecordTile(Index features, bool twice)
    : features_(features),
      row_stride_(simd::padded<double>((twice ? 2 : 1) * features + simd::kLanes<double>)),
      twice_(twice),
      records_(make_scratch(static_cast<std::size_t>(kMostRows * row_stride_))),
      columns_(make_scratch(static_cast<std::size_t>(features * kMostRows))),
      weights_(make_scratch(static_cast<std::size_t>(kMostRows))) {
  std::fill_n(records_.get(), kMostRows * row_stride_, 0.0);
}

void RecordTile::load(const DenseBlock& block, Index begin, Index rows) {
  first_ = begin;
  rows_ = rows;
  const double* const from = block.records.data() + begin * features_;
  for (Index n = 0; n < rows; ++n) {
    const double weight = block.weight(begin + n);
    weights_[static_cast<std::size_t>(n)] = weight;
    double* const record = records_.get() + n * row_stride_;
    if (weight > 0) {
      std::copy_n(from + n * features_, features_, record);
    } else {
      std::fill_n(record, features_, 0.0);
    }
    if (!twice_) continue;
    for (Index d = 0; d < features_; d += simd::kLanes<double>)
      simd::store_anywhere<double>(simd::load<double>(record + d), record + features_ + d);
  }
}

void RecordTile::make_columns() {
  for (Index d = 0; d < features_; ++d) {
    double* const column = columns_.get() + d * kMostRows;
    for (Index n = 0; n < rows_; ++n) column[n] = row(n)[d];
    std::fill(column + rows_, column + padded_rows(), 0.0);
  }
}

}  // namespace jensen::mixture
