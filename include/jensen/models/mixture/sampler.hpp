#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "jensen/core/random.hpp"
#include "jensen/data/transform.hpp"
#include "jensen/models/mixture/parameters.hpp"

namespace jensen::mixture {

/// What makes t distributions of Gaussians (nothing: they stay Gaussian): their degrees of freedom, and
/// factors from the covariances to the scale matrices. Where covariances are variances of features that
/// differ, a record's features are drawn independently.
struct Tails {
  Vector degrees = {};  // K
  Vector factors = {};  // K
};

/// Draws records from a mixture of Gaussian or t distributions. Record n follows from (seed, purpose, n)
/// alone, so that the same records come out in whatever order, and on however many ranks, they are drawn.
class Sampler {
 public:
  /// Throws NumericalError where a covariance is not positive definite.
  Sampler(const Parameters& parameters, const Transform& transform, std::uint64_t seed,
          const Tails& tails = {}, Purpose purpose = Purpose::sampling);

  Index features() const { return means_.rows(); }

  /// Writes record n into `values` (D, in the data's units) and returns its component.
  Index draw(Index record, std::span<double> values) const;

 private:
  Index pick(double uniform) const;
  double draw_spread(Stream& stream, Index k) const;

  std::uint64_t seed_;
  Purpose purpose_;
  Tails tails_;
  bool independent_;                // features are
  std::vector<double> cumulative_;  // K: sums of the weights of components 0 ... k
  Matrix means_;                    // D x K, in the data's units
  std::vector<Matrix> roots_;       // F with F F' = covariance, 1 or K: lower triangular, or D x 1 (sds)
};

}  // namespace jensen::mixture
