#pragma once

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "jensen/core/types.hpp"

namespace jensen {

/// What a random number is for: different purposes never share numbers.
enum class Purpose : std::uint32_t {
  seeding = 1,           // races for the next centroid
  oversampling = 2,      // candidates of k-means||
  responsibilities = 3,  // random responsibilities of a start
  repair = 4,            // directions in which an empty component is revived
  restart = 5,           // seeds of restarts
  canary = 6,
  sampling = 7,  // records drawn from a fitted model
  topics = 8,    // first topics
  held_out = 9,  // tokens that are kept back from a document
  batches = 10,  // the order of mini-batches
  draws = 11,    // of q, in stochastic variational inference
  display = 20,  // records that stand for all in a plot
  pairs = 30,    // records drawn from two models to compare them
};

/// Random numbers that are a function of (seed, purpose, index, round) alone, so that they do not depend on
/// which rank draws them or in which order (Salmon et al. 2011, Philox4x64-10).
class Stream {
 public:
  Stream(std::uint64_t seed, Purpose purpose, Index index, std::uint64_t round = 0)
      : key_{{seed, static_cast<std::uint64_t>(purpose)}},
        counter_{{static_cast<std::uint64_t>(index), round, 0, 0}} {}

  std::uint64_t bits() {
    if (used_ == 4) {
      block_ = r123::Philox4x64()(counter_, key_);
      ++counter_[2];
      used_ = 0;
    }
    return block_[used_++];
  }

  /// Uniform on the open interval (0, 1): 52 random bits, centred in their cell.
  double uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }

  /// Exponential with mean 1.
  double exponential() { return -std::log(uniform()); }

  /// Standard normal (Box and Muller 1958); uses two uniforms a draw.
  double normal() {
    const double radius = std::sqrt(2.0 * exponential());
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  r123::Philox4x64::key_type key_;
  r123::Philox4x64::ctr_type counter_;
  r123::Philox4x64::ctr_type block_ = {};
  std::size_t used_ = 4;
};

/// The seed of restart r: seed itself for r = 0, so that a single fit and the first of many are the same fit.
inline std::uint64_t restart_seed(std::uint64_t seed, Index restart) {
  return restart == 0 ? seed : Stream(seed, Purpose::restart, restart).bits();
}

}  // namespace jensen
