#include "centred.hpp"

#include <algorithm>

#include "jensen/core/product.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::gmm {
namespace {

using simd::Doubles;
constexpr Index kLanes = simd::kLanes<double>;
constexpr Index kTriangleRows = 12;     // of a lower triangle that are multiplied together
constexpr Index kTriangleColumns = 16;  // of an upper one

double sum_of(const Doubles& lanes) {
  alignas(64) double x[kLanes];
  simd::store<double>(lanes, x);
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

}  // namespace

CentredTile::CentredTile(Index features, Index most_rows)
    : features_(features), simd_width_(simd::padded<double>(features + 1)) {
  const Index rows = simd::padded<double>(std::min(most_rows, mixture::RecordTile::kMostRows));
  const auto room = static_cast<std::size_t>(rows * simd_width_);
  centred_ = make_scratch(room);
  turned_ = make_scratch(room);
}

[[gnu::flatten]] void CentredTile::squared_distances(const mixture::RecordTile& tile, const RowVector& mean,
                                                     const Matrix& w, double* squared) {
  const Index stride = tile.column_stride();
  for (Index d = 0; d < features_; ++d) {
    const Doubles centre = mean[d];
    for (Index n = 0; n < stride; n += kLanes)
      simd::store<double>(simd::load<double>(tile.column(d) + n) - centre, centred_.get() + d * stride + n);
  }
  std::fill_n(turned_.get(), features_ * stride, 0.0);
  for (Index first = 0; first < features_; first += kTriangleRows) {
    const Index rows = std::min(kTriangleRows, features_ - first);
    simd::add_transposed_product(rows, first + rows, stride, w.data() + first, features_, centred_.get(),
                                 stride, turned_.get() + first * stride, stride);
  }
  for (Index n = 0; n < stride; n += kLanes) {
    Doubles sum = 0.0;
    for (Index d = 0; d < features_; ++d) {
      const Doubles y = simd::load<double>(turned_.get() + d * stride + n);
      sum = simd::fma(y, y, sum);
    }
    simd::store<double>(sum, squared + n);
  }
}

void CentredTile::add_scatter(const mixture::RecordTile& tile, const RowVector& mean,
                              const double* responsibilities, Index stride, double* scatter) {
  const Index width = simd_width_;
  for (Index n = 0; n < tile.rows(); ++n) {
    const double r = responsibilities[n * stride];
    const double* const z = tile.row(n);
    double* const centred = centred_.get() + n * width;
    double* const weighted = turned_.get() + n * width;
    for (Index d = 0; d < features_; ++d) {
      centred[d] = z[d] - mean[d];
      weighted[d] = r * centred[d];
    }
    centred[features_] = 1;
    std::fill(centred + features_ + 1, centred + width, 0.0);
  }
  for (Index first = 0; first < width; first += kTriangleColumns) {
    const Index columns = std::min(kTriangleColumns, width - first);
    simd::add_transposed_product(std::min(features_, first + columns), tile.rows(), columns, turned_.get(),
                                 width, centred_.get() + first, width, scatter + first, width);
  }
}

[[gnu::flatten]] void CentredTile::add_squares(const mixture::RecordTile& tile, const RowVector& mean,
                                               const double* responsibilities, Index stride, double* sums) {
  const Index rows = tile.column_stride();
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
    sums[d] += sum_of(square);
    sums[features_ + d] += sum_of(first);
  }
}

}  // namespace jensen::gmm
