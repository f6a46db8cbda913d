#include "jensen/data/tiles.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "jensen/core/transpose.hpp"
#include "jensen/data/transform.hpp"

namespace jensen {
namespace {

using simd::kSide;
using simd::Line;

/// z = (x - shift) * scale in double, rounded to T at the end.
template <class T, std::size_t width, class S>
[[gnu::always_inline]] inline Line<T, width> internal(const S* from, const double* shift,
                                                      const double* scale) {
  if constexpr (width > kSide<double>) {
    constexpr std::size_t kHalf = width / 2;
    return simd::join(internal<T, kHalf>(from, shift, scale),
                      internal<T, kHalf>(from + kHalf, shift + kHalf, scale + kHalf));
  } else {
    using Numbers = simd::stdx::fixed_size_simd<double, static_cast<int>(width)>;
    constexpr auto kAnywhere = simd::stdx::element_aligned;
    const Numbers z = (Numbers(from, kAnywhere) - Numbers(shift, kAnywhere)) * Numbers(scale, kAnywhere);
    std::array<T, width> rounded;
    Line<T, width> line;
    z.copy_to(rounded.data(), kAnywhere);
    std::memcpy(&line, rounded.data(), sizeof line);
    return line;
  }
}

/// A whole line, whatever it has in the lanes behind.
template <class T, std::size_t width>
[[gnu::always_inline]] inline Line<T> widened(const Line<T, width>& line) {
  if constexpr (width < kSide<T>) {
    return widened(simd::join(line, line));
  } else {
    return line;
  }
}

template <class S>
struct Source {
  const S* values;
  Index features;
  const S* end;
  const double *shift, *scale;
};

/// Features `first` on of as many records as a line has numbers, `width` at most of them.
template <class T, std::size_t width, class S>
void read_last_features(const Source<S>& source, const S* const* records, std::size_t first, T* to) {
  const std::size_t count = static_cast<std::size_t>(source.features) - first;
  if constexpr (width > 2) {
    if (count <= width / 2) return read_last_features<T, width / 2>(source, records, first, to);
  }
  simd::Square<T> lines;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kSide<T>; ++i) {
    const S* from = records[i] + first;
    std::array<S, width> last;  // of the block: nothing is known of what is behind it
    if (source.end - from < static_cast<std::ptrdiff_t>(width))
      from = std::copy(from, from + count, last.begin()) - count;
    lines[i] = widened(internal<T, width>(from, source.shift + first, source.scale + first));
  }
  simd::transpose(lines);
#pragma GCC unroll 16
  for (std::size_t d = 0; d < width; ++d)
    if (d < count) std::memcpy(to + (first + d) * kTileRows<T>, &lines[d], sizeof lines[d]);
}

/// As many records as a line has numbers, side by side.
template <class T, class S>
void read_records(const Source<S>& source, const S* const* records, T* to) {
  std::size_t first = 0;
  for (; first + kSide<T> <= static_cast<std::size_t>(source.features); first += kSide<T>) {
    simd::Square<T> lines;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kSide<T>; ++i)
      lines[i] = internal<T, kSide<T>>(records[i] + first, source.shift + first, source.scale + first);
    simd::transpose(lines);
#pragma GCC unroll 16
    for (std::size_t d = 0; d < kSide<T>; ++d)
      std::memcpy(to + (first + d) * kTileRows<T>, &lines[d], sizeof lines[d]);
  }
  if (first < static_cast<std::size_t>(source.features))
    read_last_features<T, kSide<T>>(source, records, first, to);
}

/// The tile of the `count` records with the numbers `row(0)` on.
template <class T, class S, class Row>
void fill(const Source<S>& source, Index count, T* tile, Row row) {
  constexpr auto kStep = static_cast<Index>(kSide<T>);
  for (Index begin = 0; begin < kTileRows<T>; begin += kStep) {
    std::array<const S*, kSide<T>> records;
    for (Index i = 0; i < kStep; ++i)
      records[static_cast<std::size_t>(i)] =
          source.values + row(std::min(begin + i, count - 1)) * source.features;
    read_records(source, records.data(), tile + begin);
  }
}

/// A vector of internal coordinates.
template <class S>
[[gnu::always_inline]] inline simd::Doubles vector_of(const S* from, const double* shift,
                                                      const double* scale) {
  const simd::Doubles value(from, simd::stdx::element_aligned);
  return (value - simd::load<double>(shift)) * simd::load<double>(scale);
}

template <class S, class Row>
[[gnu::flatten]] void copy_records(const Source<S>& source, Index count, Row row, double* records,
                                   Index stride) {
  constexpr Index kLanes = simd::kLanes<double>;
  const Index whole = source.features / kLanes * kLanes, rest = source.features - whole;
  const simd::Doubles place([](auto lane) { return static_cast<double>(lane); });
  const auto behind = place >= static_cast<double>(rest);
  std::array<S, static_cast<std::size_t>(kLanes)> last;
  for (Index i = 0; i < count; ++i) {
    const S* from = source.values + row(i) * source.features;
    double* const to = records + i * stride;
    for (Index d = 0; d < whole; d += kLanes)
      simd::store<double>(vector_of(from + d, source.shift + d, source.scale + d), to + d);
    if (rest == 0) continue;
    from += whole;
    if (source.end - from < kLanes) from = std::copy(from, from + rest, last.begin()) - rest;
    simd::Doubles z = vector_of(from, source.shift + whole, source.scale + whole);
    where(behind, z) = 0;
    simd::store<double>(z, to + whole);
  }
}

constexpr Index kLine = 64;  // bytes

/// The lines of `size` bytes from `begin` on.
CacheLineList::iterator write_lines(const void* values, Index begin, Index size,
                                    CacheLineList::iterator out) {
  const auto* const bytes = static_cast<const char*>(values);
  for (Index at = begin / kLine * kLine; at < begin + size; at += kLine) *out++ = bytes + at;
  return out;
}

}  // namespace

TileReader::TileReader(const DenseBlock& block) : rows_(block.rows()), features_(block.features()) {
  const auto padded = static_cast<std::size_t>(simd::padded<float>(features_));
  shift_ = make_scratch(padded);
  scale_ = make_scratch(padded);
  std::fill_n(shift_.get(), padded, 0.0);
  std::fill_n(scale_.get(), padded, 0.0);
  if (block.records.data() != nullptr) {
    doubles_ = block.records.data();
    std::fill_n(scale_.get(), features_, 1.0);
  } else {
    floats_ = block.stored.floats;
    doubles_ = block.stored.doubles;
    std::copy_n(block.stored.transform->shift.data(), features_, shift_.get());
    std::copy_n(block.stored.transform->scale.data(), features_, scale_.get());
  }
}

template <class Visit>
void TileReader::visit(Visit visit) const {
  const auto source = [&](const auto* values) {
    return Source<std::decay_t<decltype(*values)>>{values, features_, values + rows_ * features_,
                                                   shift_.get(), scale_.get()};
  };
  if (floats_ != nullptr) {
    visit(source(floats_));
  } else {
    visit(source(doubles_));
  }
}

void TileReader::copy(std::span<const std::int32_t> rows, double* to) const {
  const auto row = [&](Index i) { return rows[static_cast<std::size_t>(i)]; };
  visit([&](const auto& source) {
    copy_records(source, static_cast<Index>(rows.size()), row, to, simd::padded<double>(features_));
  });
}

void TileReader::copy(Index first, Index count, double* to, Index stride) const {
  visit([&](const auto& source) {
    copy_records(
        source, count, [&](Index i) { return first + i; }, to, stride);
  });
}

template <class T>
void TileReader::read(Index first, Index count, T* tile) const {
  visit([&](const auto& source) { fill(source, count, tile, [&](Index i) { return first + i; }); });
}

template <class T>
void TileReader::gather(std::span<const std::int32_t> rows, T* tile) const {
  const auto row = [&](Index i) { return rows[static_cast<std::size_t>(i)]; };
  visit([&](const auto& source) { fill(source, static_cast<Index>(rows.size()), tile, row); });
}

void TileReader::find_lines(std::span<const std::int32_t> rows, CacheLineList& lines) const {
  visit([&](const auto& source) {
    const Index size = features_ * static_cast<Index>(sizeof *source.values);
    lines.resize(rows.size() * static_cast<std::size_t>(size / kLine + 2));
    auto end = lines.begin();
    for (const std::int32_t row : rows) end = write_lines(source.values, row * size, size, end);
    lines.erase(end, lines.end());
  });
}

void TileReader::find_lines(Index first, Index count, CacheLineList& lines) const {
  visit([&](const auto& source) {
    const Index size = features_ * static_cast<Index>(sizeof *source.values);
    const Index begin = std::min(first, rows_) * size, bytes = std::min(first + count, rows_) * size - begin;
    lines.resize(static_cast<std::size_t>(bytes / kLine + 2));
    lines.erase(write_lines(source.values, begin, bytes, lines.begin()), lines.end());
  });
}

template void TileReader::read<float>(Index, Index, float*) const;
template void TileReader::read<double>(Index, Index, double*) const;
template void TileReader::gather<float>(std::span<const std::int32_t>, float*) const;
template void TileReader::gather<double>(std::span<const std::int32_t>, double*) const;

}  // namespace jensen
