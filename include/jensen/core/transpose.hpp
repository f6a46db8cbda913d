#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "jensen/core/simd.hpp"

/// Transposition in registers.
namespace jensen::simd {

/// Numbers that a register holds.
template <class T>
inline constexpr std::size_t kSide = (kWide ? 64 : 32) / sizeof(T);

template <class T, std::size_t size = kSide<T>>
struct Line {
  using Lanes [[gnu::vector_size(size * sizeof(T))]] = T;
  Lanes lanes;
};

/// As many lines as each has numbers.
template <class T>
using Square = std::array<Line<T>, kSide<T>>;

namespace detail {

/// Numbers of both in turns: of their first halves, or of their second ones.
template <bool second, class T, std::size_t... I>
[[gnu::always_inline]] inline Line<T> zip(const Line<T>& a, const Line<T>& b, std::index_sequence<I...>) {
  constexpr std::size_t kSize = sizeof...(I), kBegin = second ? kSize / 2 : 0;
  return {__builtin_shufflevector(a.lanes, b.lanes, static_cast<int>(kBegin + I / 2 + I % 2 * kSize)...)};
}

template <class T, std::size_t... I>
[[gnu::always_inline]] inline Square<T> zip_all(const Square<T>& lines, std::index_sequence<I...> places) {
  return {zip<I % 2 != 0>(lines[I / 2], lines[I / 2 + sizeof...(I) / 2], places)...};
}

}  // namespace detail

/// The square becomes its transpose. Each round of zips turns the bits of a number's place by one, so that
/// after all rounds line and lane have changed places.
template <class T>
[[gnu::always_inline]] inline void transpose(Square<T>& lines) {
#pragma GCC unroll 4
  for (std::size_t round = 1; round < kSide<T>; round *= 2)
    lines = detail::zip_all<T>(lines, std::make_index_sequence<kSide<T>>{});
}

/// Both after each other.
template <class T, std::size_t size>
[[gnu::always_inline]] inline Line<T, 2 * size> join(const Line<T, size>& a, const Line<T, size>& b) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return Line<T, 2 * size>{__builtin_shufflevector(a.lanes, b.lanes, static_cast<int>(I)...)};
  }
  (std::make_index_sequence<2 * size>{});
}

}  // namespace jensen::simd
