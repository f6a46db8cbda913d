#include "centred.hpp"

#include <algorithm>
#include <functional>

#include "jensen/core/product.hpp"
#include "jensen/core/simd_math.hpp"

namespace jensen::mixture {
namespace {

using simd::Doubles;
constexpr Index kLanes = simd::kLanes<double>;
constexpr Index kTogether = 4;  // vectors of features
constexpr Index kRecords = 32;  // whose offsets from a mean are at hand together

/// Where the offsets of a tile's records from a mean are made: whole vectors, `width` from record to record.
struct Offsets {
  const double* mean;
  const double* responsibilities;
  Index stride;
  Index width;
  double* plain;
  double* weighted;
};

/// Writes the offsets of V vectors of features from the d-th on, and adds them up under the responsibilities.
template <std::size_t V>
[[gnu::flatten]] void write_offsets(const RecordTile& tile, Index d, const Offsets& at, double* sums) {
  Doubles total[V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) total[v] = simd::load<double>(sums + 8 * v);
  for (Index n = 0; n < tile.rows(); ++n) {
    const Doubles r = at.responsibilities[n * at.stride];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      const Doubles offset =
          simd::load<double>(tile.row(n) + d + 8 * v) - simd::load<double>(at.mean + 8 * v);
      const Doubles weighted = r * offset;
      simd::store<double>(offset, at.plain + n * at.width + 8 * v);
      simd::store<double>(weighted, at.weighted + n * at.width + 8 * v);
      total[v] = total[v] + weighted;
    }
  }
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) simd::store<double>(total[v], sums + 8 * v);
}

template <std::size_t V>
void write_offsets_of(Index vectors, const RecordTile& tile, Index d, const Offsets& at, double* sums) {
  if (vectors == static_cast<Index>(V)) return write_offsets<V>(tile, d, at, sums);
  if constexpr (V > 1) write_offsets_of<V - 1>(vectors, tile, d, at, sums);
}

}  // namespace

CentredTile::CentredTile(Index features) : features_(features), simd_width_(simd::padded<double>(features)) {
  const auto room = static_cast<std::size_t>(RecordTile::kMostRows * simd_width_);
  centred_ = make_scratch(room);
  turned_ = make_scratch(room);
  mean_ = make_scratch(static_cast<std::size_t>(simd_width_));
  std::fill_n(mean_.get(), simd_width_, 0.0);
}

[[gnu::flatten]] void CentredTile::squared_distances(const RecordTile& tile, const RowVector& mean,
                                                     const double* w, double* squared) {
  double* const offsets = centred_.get();
  for (Index first = 0; first < tile.padded_rows(); first += kRecords) {
    const Index rows = std::min(kRecords, tile.padded_rows() - first);
    for (Index d = 0; d < features_; ++d) {
      const Doubles centre = mean[d];
      const double* const column = tile.column(d) + first;
      for (Index n = 0; n < rows; n += kLanes)
        simd::store<double>(simd::load<double>(column + n) - centre, offsets + d * kRecords + n);
    }
    simd::triangular_squares(features_, rows, w, offsets, kRecords, squared + first);
  }
}

void CentredTile::add_scatter(const RecordTile& tile, const RowVector& mean, const double* responsibilities,
                              Index stride, double* scatter) {
  const Index width = simd_width_;
  std::copy_n(mean.data(), features_, mean_.get());
  for (Index d = 0; d < width; d += kTogether * kLanes) {
    const Index vectors = std::min(kTogether, (width - d) / kLanes);
    const Offsets at{mean_.get() + d, responsibilities, stride, width, centred_.get() + d, turned_.get() + d};
    write_offsets_of<static_cast<std::size_t>(kTogether)>(vectors, tile, d, at,
                                                          scatter + features_ * width + d);
  }
  const auto add = [&](Index row, Index end, Index column, Index columns) {
    simd::add_transposed_product(std::min(features_, end) - row, tile.rows(), columns, turned_.get() + row,
                                 width, centred_.get() + column, width, scatter + row * width + column,
                                 width);
  };
  for (Index column = 0; column < width; column += 2 * kLanes) {  // all rows of its first half, and the rest
    const bool both = column + kLanes < width;
    add(0, column + kLanes, column, both ? 2 * kLanes : kLanes);
    if (both) add(column + kLanes, column + 2 * kLanes, column + kLanes, kLanes);
  }
}

[[gnu::flatten]] void CentredTile::add_squares(const RecordTile& tile, const RowVector& mean,
                                               const double* responsibilities, Index stride, double* sums) {
  const Index rows = tile.padded_rows();
  double* const r = centred_.get();
  for (Index n = 0; n < rows; ++n) r[n] = n < tile.rows() ? responsibilities[n * stride] : 0.0;
  for (Index d = 0; d < features_; ++d) {
    const Doubles centre = mean[d];
    Doubles square = 0.0, first = 0.0;
    for (Index n = 0; n < rows; n += kLanes) {
      const Doubles offset = simd::load<double>(tile.column(d) + n) - centre;
      const Doubles weighted = simd::load<double>(r + n) * offset;
      square = simd::fma(weighted, offset, square);
      first += weighted;
    }
    sums[d] += simd::fold(square, std::plus<>());
    sums[features_ + d] += simd::fold(first, std::plus<>());
  }
}

}  // namespace jensen::mixture
