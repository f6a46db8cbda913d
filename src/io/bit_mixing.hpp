#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "jensen/core/types.hpp"

namespace jensen::io {

inline constexpr std::uint64_t kMixingOffset = 0x9e3779b97f4a7c15u;

/// Bijective mixing of 64 bits (splitmix64; Steele, Lea, Flood 2014).
inline std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// The two halves of a 128-bit product, folded.
inline std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// What the hash of a record adds to the two lanes of a data set's, modulo 2^64, so that the order does not
/// matter.
inline std::array<std::uint64_t, 2> mix_into_lanes(Index record, std::uint64_t hash) {
  const std::uint64_t number = mix(static_cast<std::uint64_t>(record) * kMixingOffset + 1);
  return {mix(hash ^ number), mix(std::rotl(hash, 32) + number)};
}

}  // namespace jensen::io
