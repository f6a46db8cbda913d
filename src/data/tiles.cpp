#include "jensen/data/tiles.hpp"

#include <algorithm>

namespace jensen {
namespace {

/// z = (x - shift) * scale in double, rounded to T at the end.
template <class T, class S>
T internal(S value, double shift, double scale) {
  return static_cast<T>((static_cast<double>(value) - shift) * scale);
}

}  // namespace

TileReader::TileReader(const DenseBlock& block) : rows_(block.rows()), features_(block.features()) {
  if (block.records.data() != nullptr) {
    doubles_ = block.records.data();
  } else {
    floats_ = block.stored.floats;
    doubles_ = block.stored.doubles;
    transform_ = block.stored.transform;
  }
}

template <class T, class S, class Pick>
void TileReader::fill(const S* values, Index count, T* tiles, Index stride, Pick pick) const {
  constexpr Index kWidth = kTileRows<T>;
  for (Index d = 0; d < features_; ++d) {
    const double minus = shift(d), times = scale(d);
    const S* const from = values + d * rows_;
    T* to = tiles + d * kWidth;
    Index i = 0;
    for (; i + kWidth <= count; i += kWidth, to += stride) {
      for (Index j = 0; j < kWidth; ++j) to[j] = internal<T>(from[pick(i + j)], minus, times);
    }
    if (i == count) continue;
    for (Index j = 0; j < kWidth; ++j)
      to[j] = internal<T>(from[pick(std::min(i + j, count - 1))], minus, times);
  }
}

template <class T>
void TileReader::read(Index first, Index count, T* tiles, Index stride) const {
  const auto pick = [first](Index i) { return first + i; };
  if (floats_ != nullptr) {
    fill(floats_, count, tiles, stride, pick);
  } else {
    fill(doubles_, count, tiles, stride, pick);
  }
}

template <class T>
void TileReader::gather(std::span<const std::int32_t> rows, T* tiles, Index stride) const {
  const std::int32_t* const row = rows.data();
  const auto count = static_cast<Index>(rows.size());
  const auto pick = [row](Index i) { return row[i]; };
  if (floats_ != nullptr) {
    fill(floats_, count, tiles, stride, pick);
  } else {
    fill(doubles_, count, tiles, stride, pick);
  }
}

template <class T>
void TileReader::prefetch(Index first) const {
  constexpr Index kLine = 64;
  const auto size = static_cast<Index>(floats_ != nullptr ? sizeof(float) : sizeof(double));
  const auto* const values =
      floats_ != nullptr ? reinterpret_cast<const char*>(floats_) : reinterpret_cast<const char*>(doubles_);
  const Index begin = first * size, end = std::min(first + kTileRows<T>, rows_) * size;
  for (Index d = 0; d < features_; ++d) {
    const char* const column = values + d * rows_ * size;
    for (Index byte = begin; byte < end; byte += kLine) __builtin_prefetch(column + byte);
  }
}

void TileReader::prefetch(std::span<const std::int32_t> rows) const {
  for (Index d = 0; d < features_; ++d) {
    for (const std::int32_t row : rows) {
      if (floats_ != nullptr) {
        __builtin_prefetch(floats_ + d * rows_ + row);
      } else {
        __builtin_prefetch(doubles_ + d * rows_ + row);
      }
    }
  }
}

template void TileReader::prefetch<float>(Index) const;
template void TileReader::prefetch<double>(Index) const;
template void TileReader::read<float>(Index, Index, float*, Index) const;
template void TileReader::read<double>(Index, Index, double*, Index) const;
template void TileReader::gather<float>(std::span<const std::int32_t>, float*, Index) const;
template void TileReader::gather<double>(std::span<const std::int32_t>, double*, Index) const;

}  // namespace jensen
