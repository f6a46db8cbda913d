#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "jensen/core/simd.hpp"

/// How kernels cut a matrix into tiles that registers hold, each of a size that the compiler knows.
namespace jensen::simd {

/// Whether tiles take 32 wide registers. Not under sanitizers, with which the compiler needs minutes for the
/// forty sizes of such tiles: the six of small ones are cut by the same code.
#ifdef JENSEN_SANITIZED
inline constexpr bool kWideTiles = false;
#else
inline constexpr bool kWideTiles = kWide;
#endif

/// Vectors of columns of a tile, at most.
inline constexpr std::size_t kTileVectors = kWideTiles ? 4 : 1;

/// Rows of a tile of so many vectors, at most: sums, the vectors that they are made of, and a factor.
inline constexpr Index kTileRows[] = {0, kWideTiles ? 14 : 6, 12, 8, 6};

/// Rows are cut into tiles of about the same size, `most` at most; calls visit(begin, count).
template <class Visit>
[[gnu::always_inline]] inline void cut(Index rows, Index most, Visit visit) {
  const Index tiles = (rows + most - 1) / most;
  for (Index t = 0, begin = 0; t < tiles; ++t) {
    const Index count = (rows - begin) / (tiles - t);
    visit(begin, count);
    begin += count;
  }
}

/// Calls visit with `value` as a constant between 1 and kMost.
template <std::size_t kMost, class Visit>
[[gnu::always_inline]] inline void with_constant(Index value, Visit visit) {
  if (value == static_cast<Index>(kMost)) return visit(std::integral_constant<std::size_t, kMost>());
  if constexpr (kMost > 1) with_constant<kMost - 1>(value, visit);
}

/// The same with tiles of kMost rows at most and their number as a constant: visit(begin, count).
template <Index kMost, class Visit>
[[gnu::always_inline]] inline void cut_into(Index rows, Visit visit) {
  cut(rows, kMost, [&](Index begin, Index count) {
    with_constant<static_cast<std::size_t>(kMost)>(count, [&](auto constant) { visit(begin, constant); });
  });
}

/// Calls visit(first column, vectors as a constant) for each kMost vectors of T and the rest of `columns`,
/// a multiple of a vector.
template <class T, std::size_t kMost = kTileVectors, class Visit>
void for_each_width(Index columns, Visit visit) {
  constexpr Index kColumns = static_cast<Index>(kMost) * kLanes<T>;
  for (Index first = 0; first < columns; first += kColumns) {
    const Index vectors = std::min(kColumns, columns - first) / kLanes<T>;
    with_constant<kMost>(vectors, [&](auto constant) { visit(first, constant); });
  }
}

}  // namespace jensen::simd
