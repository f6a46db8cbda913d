#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

/// Draws documents from a topic model: a mixture from Dir(alpha), then each token's topic and word, topics
/// being E[beta]. Document n follows from (seed, n) alone.
class Sampler {
 public:
  /// Lengths are Poisson of this mean.
  Sampler(const LatentDirichletAllocation& model, double mean_length, std::uint64_t seed);

  Index words() const { return static_cast<Index>(cumulative_.rows()); }

  struct Drawn {
    std::vector<std::int32_t> words = {};  // distinct, rising
    std::vector<double> counts = {};
    Vector mixture = {};  // K: the theta it was drawn by
    Index topic = 0;      // the largest of it
  };
  Drawn draw(Index document) const;

 private:
  std::uint64_t seed_;
  double mean_length_;
  Vector alpha_;
  Matrix cumulative_;  // V x K
};

}  // namespace jensen::lda
