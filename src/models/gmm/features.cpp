#include "jensen/models/gmm/features.hpp"

#include <algorithm>

#include "jensen/core/simd.hpp"

namespace jensen::gmm {
namespace {

constexpr Index kSliceWidth = 256;  // about: 96 records take 200 KiB

/// out[i] = a[i] b[i], for `count` numbers and some beyond.
double* write_products(const double* a, const double* b, Index count, double* out) {
  for (Index i = 0; i < count; i += simd::kLanes<double>) {
    simd::store_anywhere<double>(simd::load_anywhere<double>(a + i) * simd::load_anywhere<double>(b + i),
                                 out + i);
  }
  return out + count;
}

double* write_copy(const double* a, Index count, double* out) {
  for (Index i = 0; i < count; i += simd::kLanes<double>)
    simd::store_anywhere<double>(simd::load_anywhere<double>(a + i), out + i);
  return out + count;
}

double square_norm(const double* z, Index count) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) sum += z[i] * z[i];
  return sum;
}

}  // namespace

Features::Features(Quadratic kind, Index features) : kind_(kind), features_(features) {
  const Index linear = features;
  const auto add = [&](Index count, Index first_distance, Index last_distance) {
    const Slice before = slices_.empty() ? Slice{} : slices_.back();
    const Index width = simd::padded<double>(count);
    slices_.push_back({before.first + before.count, count, before.padded_first + before.width, width,
                       first_distance, last_distance});
    stride_ = std::max(stride_, width);
  };
  if (kind == Quadratic::packed) {
    const Index distances = features / 2 + 1, rows = std::max<Index>(1, kSliceWidth / features);
    for (Index first = 0; first < distances; first += rows) {
      const Index last = std::min(first + rows, distances);
      const bool half_row = features % 2 == 0 && last == distances;
      const Index pairs = (last - first) * features - (half_row ? features / 2 : 0);
      add(pairs + (last == distances ? linear : 0), first, last);
    }
  } else {
    add(quadratic_size(kind, features) + linear, 0, 0);
  }
  if (stride_ / simd::kLanes<double> % 2 == 0) stride_ += simd::kLanes<double>;
}

[[gnu::flatten]] void Features::fill(const Slice& slice, const mixture::RecordTile& tile, Index first,
                                     Index rows, double* out) const {
  const bool last = slice.first + slice.count == count();
  for (Index n = 0; n < rows; ++n) {
    const double* const z = tile.row(first + n);
    double* at = out + n * stride_;
    double* const end = at + slice.width;
    switch (kind_) {  // what is written too far is written over
      case Quadratic::packed:
        for (Index distance = slice.first_distance; distance < slice.last_distance; ++distance) {
          const bool half_row = 2 * distance == features_ && distance > 0;
          at = write_products(z, z + distance, half_row ? distance : features_, at);
        }
        break;
      case Quadratic::squares:
        at = write_products(z, z, features_, at);
        break;
      case Quadratic::norm:
        *at++ = square_norm(z, features_);
        break;
      case Quadratic::none:
        break;
    }
    if (last) at = write_copy(z, features_, at);
    std::fill(at, end, 0.0);
  }
}

}  // namespace jensen::gmm
