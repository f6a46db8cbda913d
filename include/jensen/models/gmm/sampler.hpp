#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "jensen/data/transform.hpp"
#include "jensen/models/gmm/gmm.hpp"

namespace jensen::gmm {

/// Draws records from a mixture. Record n follows from (seed, n) alone, so that the same records come out in
/// whatever order, and on however many ranks, they are drawn.
class Sampler {
 public:
  /// Throws NumericalError where a covariance is not positive definite.
  Sampler(const GaussianMixture& model, const Transform& transform, std::uint64_t seed);

  Index features() const { return means_.rows(); }

  /// Writes record n into `values` (D, in the data's units) and returns its component.
  Index draw(Index record, std::span<double> values) const;

 private:
  Index pick(double uniform) const;

  std::uint64_t seed_;
  std::vector<double> cumulative_;  // K: sums of the weights of components 0 ... k
  Matrix means_;                    // D x K, in the data's units
  std::vector<Matrix> roots_;       // F with F F' = covariance, 1 or K: lower triangular, or D x 1 (sds)
};

}  // namespace jensen::gmm
