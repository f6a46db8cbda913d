#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"

namespace jensen::io {

/// A 128-bit hash of a data set, independent of how its records are spread over ranks and pieces: records are
/// hashed with their global numbers and added modulo 2^64. Not cryptographic.
class Fingerprint {
 public:
  explicit Fingerprint(Index features);

  /// Adds a record: its number, D values as doubles and, in weighted data, its weight.
  template <class T>
  void add(Index record, const T* values) {
    admit(record, hash(values));
  }
  template <class T>
  void add(Index record, const T* values, double weight) {
    admit(record, hash(values) + fold(std::bit_cast<std::uint64_t>(weight), keys_.back()));
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
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Product product = static_cast<Product>(a ^ 0x9e3779b97f4a7c15u) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  /// Sum over pairs of features of the folded 128-bit product of keyed values: half a multiplication a value.
  template <class T>
  std::uint64_t hash(const T* values) const {
    const auto word = [&](std::size_t d) {
      return std::bit_cast<std::uint64_t>(static_cast<double>(values[d])) ^ keys_[d];
    };
    std::uint64_t sum = 0;
    std::size_t d = 0;
    for (; d + 1 < features_; d += 2) sum += fold(word(d), word(d + 1));
    if (d < features_) sum += fold(word(d), keys_[features_]);
    return sum;
  }

  void admit(Index record, std::uint64_t hashed) {
    const std::uint64_t number = mix(static_cast<std::uint64_t>(record) * 0x9e3779b97f4a7c15u + 1);
    lanes_[0] += mix(hashed ^ number);
    lanes_[1] += mix(std::rotl(hashed, 32) + number);
  }

  std::size_t features_;
  std::vector<std::uint64_t> keys_;  // D, then those of an odd last feature and of the weight
  std::array<std::uint64_t, 2> lanes_ = {};
};

}  // namespace jensen::io
