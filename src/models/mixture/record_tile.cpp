#include "jensen/models/mixture/record_tile.hpp"

#include "jensen/core/profile.hpp"

namespace jensen::mixture {
namespace {

using simd::Doubles;
constexpr Index kLanes = simd::kLanes<double>;

Index width_of(Index features, Beside beside) {
  switch (beside) {
    case Beside::again:
      return simd::padded<double>(2 * features);
    case Beside::squares:
      return 2 * simd::padded<double>(features);
    case Beside::norm:
      return simd::padded<double>(features) + kLanes;
    default:
      return simd::padded<double>(features);
  }
}

/// Writes what stands beside the record.
[[gnu::flatten]] void complete(Beside beside, Index features, double* record) {
  const Index padded = simd::padded<double>(features);
  switch (beside) {
    case Beside::again:
      for (Index d = 0; d < features; d += kLanes)
        simd::store_anywhere<double>(simd::load<double>(record + d), record + features + d);
      break;
    case Beside::squares:
      for (Index d = 0; d < features; d += kLanes) {
        const Doubles z = simd::load<double>(record + d);
        simd::store<double>(z * z, record + padded + d);
      }
      break;
    case Beside::norm: {
      double sum = 0;
      for (Index d = 0; d < features; ++d) sum += record[d] * record[d];
      record[padded] = sum;
      break;
    }
    case Beside::nothing:
      break;
  }
}

}  // namespace

RecordTile::RecordTile(Index features, Beside beside, Index rows)
    : features_(features),
      most_rows_(rows),
      beside_(beside),
      width_(width_of(features, beside)),
      row_stride_((width_ + kLanes) / (2 * kLanes) * 2 * kLanes + kLanes),
      records_(make_scratch(static_cast<std::size_t>(rows * row_stride_ + kLanes))),
      columns_(make_scratch(static_cast<std::size_t>(features * kMostRows))),
      weights_(make_scratch(static_cast<std::size_t>(rows))) {
  std::fill_n(records_.get(), rows * row_stride_ + kLanes, 0.0);
}

/// Takes rows `begin` on of the block.
void RecordTile::load(const DenseBlock& block, const TileReader& reader, Index begin) {
  const TimedPhase timed(Phase::features);
  first_ = begin;
  rows_ = std::min(most_rows_, block.rows() - begin);
  reader.copy(begin, rows_, records_.get(), row_stride_);
  reader.find_lines(begin + rows_, most_rows_, next_lines_);
  for (Index n = 0; n < rows_; ++n) {
    const double weight = block.weight(begin + n);
    weights_[static_cast<std::size_t>(n)] = weight;
    double* const record = records_.get() + n * row_stride_;
    if (!(weight > 0)) std::fill_n(record, features_, 0.0);
    complete(beside_, features_, record);
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
