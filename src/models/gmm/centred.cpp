#include "centred.hpp"

#include <algorithm>
#include <functional>

#include "jensen/core/product.hpp"
#include "jensen/core/simd_math.hpp"

namespace jensen::gmm {
namespace {

using simd::Doubles;
constexpr Index kLanes = simd::kLanes<double>;
constexpr Index kTriangleColumns = 16;  // of an upper triangle that are multiplied together

}  // namespace

CentredTile::CentredTile(Index features) : features_(features), simd_width_(simd::padded<double>(features)) {
  const auto room = static_cast<std::size_t>(mixture::RecordTile::kMostRows * simd_width_);
  centred_ = make_scratch(room);
  turned_ = make_scratch(room);
}

[[gnu::flatten]] void CentredTile::squared_distances(const mixture::RecordTile& tile, const RowVector& mean,
                                                     const Matrix& w, double* squared) {
  const Index rows = tile.padded_rows();
  for (Index d = 0; d < features_; ++d) {
    const Doubles centre = mean[d];
    for (Index n = 0; n < rows; n += kLanes)
      simd::store<double>(simd::load<double>(tile.column(d) + n) - centre, centred_.get() + d * rows + n);
  }
  simd::triangular_squares(features_, rows, w.data(), centred_.get(), rows, squared);
}

[[gnu::flatten]] void CentredTile::add_scatter(const mixture::RecordTile& tile, const RowVector& mean,
                                               const double* responsibilities, Index stride,
                                               double* scatter) {
  const Index width = simd_width_;
  double* const first_moments = scatter + features_ * width;
  for (Index d = 0; d < width; d += kLanes) {
    Doubles centre = 0.0;
    for (Index i = 0; i < std::min(kLanes, features_ - d); ++i)
      centre[static_cast<std::size_t>(i)] = mean[d + i];
    Doubles first = simd::load<double>(first_moments + d);
    for (Index n = 0; n < tile.rows(); ++n) {
      const Doubles offset = simd::load<double>(tile.row(n) + d) - centre;
      const Doubles weighted = responsibilities[n * stride] * offset;
      simd::store<double>(offset, centred_.get() + n * width + d);
      simd::store<double>(weighted, turned_.get() + n * width + d);
      first += weighted;
    }
    simd::store<double>(first, first_moments + d);
  }
  for (Index first = 0; first < width; first += kTriangleColumns) {
    const Index columns = std::min(kTriangleColumns, width - first);
    simd::add_transposed_product(std::min(features_, first + columns), tile.rows(), columns, turned_.get(),
                                 width, centred_.get() + first, width, scatter + first, width);
  }
}

[[gnu::flatten]] void CentredTile::add_squares(const mixture::RecordTile& tile, const RowVector& mean,
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

}  // namespace jensen::gmm
