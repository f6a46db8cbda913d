#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "jensen/core/aligned.hpp"
#include "jensen/core/divergence.hpp"
#include "jensen/data/block.hpp"
#include "jensen/models/mixture/sampler.hpp"

namespace jensen::mixture {

/// How likely a model finds records, whatever the model is.
struct LogDensity {
  Transform transform = {};  // into the coordinates of `of_block`
  /// B log-densities, nats, in the data's units.
  std::function<void(const DenseBlock&, Eigen::ArrayXd&)> of_block = {};

  Index features() const { return transform.features(); }
  /// The same of B x D records in the data's units; `buffer` is where they are prepared.
  void evaluate(const Eigen::Ref<const RowMatrix>& records, AlignedVector<double>& buffer,
                Eigen::ArrayXd& log_density) const;
};

/// The components that have a weight, in the data's units.
struct GaussianComponents {
  Vector weights = {};                     // K
  Matrix means = {};                       // D x K
  std::vector<CovarianceRoot> roots = {};  // K, or one that all share

  Index size() const { return weights.size(); }
  const CovarianceRoot& root(Index k) const {
    return roots[roots.size() == 1 ? 0 : static_cast<std::size_t>(k)];
  }
};

/// A mixture as a density over records, to be compared with another.
struct Density {
  LogDensity log_density;
  Sampler sampler;                                                  // of `Purpose::pairs`
  double fewest_degrees = std::numeric_limits<double>::infinity();  // of freedom of its t distributions
  GaussianComponents gaussians = {};                                // none, where it has t distributions
};

/// Throws InputError where a covariance is not positive definite.
Density make_density(const Parameters& parameters, const Transform& transform, const Tails& tails,
                     std::uint64_t seed, std::function<void(const DenseBlock&, Eigen::ArrayXd&)> of_block);

}  // namespace jensen::mixture
