#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "bit_mixing.hpp"
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
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) { return fold_product(a ^ kMixingOffset, b); }

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
      const auto lanes = mix_into_lanes(first_record + static_cast<Index>(i), hashes[i]);
      low += lanes[0];
      high += lanes[1];
    }
    lanes_[0] += low;
    lanes_[1] += high;
  }

  std::size_t features_;
  std::vector<std::uint64_t> keys_;       // D, then those of an odd last feature and of the weight
  std::vector<std::uint64_t> pair_keys_;  // D: those of each first of a pair with the offset of `fold`
  std::array<std::uint64_t, 2> lanes_ = {};
};

}  // namespace jensen::io
