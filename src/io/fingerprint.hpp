#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"

namespace jensen::io {

/// A 128-bit hash of a data set, independent of how its records are spread over ranks and pieces: records are
/// hashed with their global numbers and added modulo 2^64. Not cryptographic.
class Fingerprint {
 public:
  explicit Fingerprint(Index features);

  /// Adds `rows` records of D values each, as doubles, with their numbers and, in weighted data, their
  /// weights (as many, or none).
  template <class T>
  void add(Index first_record, Index rows, const T* values, std::span<const double> weights = {}) {
    constexpr Index kTogether = 64;
    std::array<std::uint64_t, kTogether> hashes;
    for (Index first = 0; first < rows; first += kTogether) {
      const Index count = std::min(kTogether, rows - first);
      for (Index i = 0; i < count; ++i) {
        const auto row = static_cast<std::size_t>(first + i);
        std::uint64_t& hashed = hashes[static_cast<std::size_t>(i)];
        hashed = hash(values + row * features_);
        if (!weights.empty()) hashed += fold(std::bit_cast<std::uint64_t>(weights[row]), keys_.back());
      }
      admit(first_record + first, std::span(hashes).first(static_cast<std::size_t>(count)));
    }
  }

  /// The hash over all ranks. Collective.
  std::array<std::uint64_t, 2> merged(const Communicator& comm) const;

 private:
  __extension__ using Product = unsigned __int128;

  /// Bijective mixing of 64 bits (splitmix64; Steele, Lea, Flood 2014).
  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  static std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
    const Product product = static_cast<Product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) { return fold_product(a ^ kOffset, b); }

  /// Sum over pairs of features of the folded 128-bit product of keyed values: half a multiplication a value.
  template <class T>
  std::uint64_t hash(const T* values) const {
    constexpr std::size_t kTogether = 64;
    std::array<std::uint64_t, kTogether> words;  // a loop over vectors, then one of products
    const std::size_t paired = features_ / 2 * 2;
    std::uint64_t sum = 0;
    for (std::size_t first = 0; first < paired; first += kTogether) {
      const std::size_t count = std::min(kTogether, paired - first);
      const T* const value = values + first;
      const std::uint64_t* const key = pair_keys_.data() + first;
      for (std::size_t i = 0; i < count; ++i)
        words[i] = std::bit_cast<std::uint64_t>(static_cast<double>(value[i])) ^ key[i];
      for (std::size_t i = 0; i < count; i += 2) sum += fold_product(words[i], words[i + 1]);
    }
    if (paired < features_) {
      const double last = static_cast<double>(values[paired]);
      sum += fold(std::bit_cast<std::uint64_t>(last) ^ keys_[paired], keys_[features_]);
    }
    return sum;
  }

  /// Of records that follow each other, so that vectors of them are mixed.
  void admit(Index first_record, std::span<const std::uint64_t> hashes) {
    std::uint64_t low = 0, high = 0;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const std::uint64_t number = mix((static_cast<std::uint64_t>(first_record) + i) * kOffset + 1);
      low += mix(hashes[i] ^ number);
      high += mix(std::rotl(hashes[i], 32) + number);
    }
    lanes_[0] += low;
    lanes_[1] += high;
  }

  static constexpr std::uint64_t kOffset = 0x9e3779b97f4a7c15u;

  std::size_t features_;
  std::vector<std::uint64_t> keys_;       // D, then those of an odd last feature and of the weight
  std::vector<std::uint64_t> pair_keys_;  // D: those of each first of a pair with the offset of `fold`
  std::array<std::uint64_t, 2> lanes_ = {};
};

}  // namespace jensen::io
