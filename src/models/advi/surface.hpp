#pragma once

#include <memory>

#include "jensen/models/advi/points_pass.hpp"

namespace jensen::advi {

/// A log density of zeta with all that it takes to evaluate it.
class Surface {
 public:
  Surface(std::shared_ptr<const Target> target, Density which, const ResponseShard& shard,
          const Communicator& comm)
      : target_(std::move(target)), which_(which), shard_(shard), comm_(comm) {}

  Density which() const { return which_; }
  /// At the columns of zeta. Collective.
  Vector values(const Matrix& zeta) const { return log_densities(target_, which_, zeta, shard_, comm_); }
  LogDensities gradients(const Matrix& zeta) const {
    return log_density_gradients(target_, which_, zeta, shard_, comm_);
  }

 private:
  std::shared_ptr<const Target> target_;
  Density which_;
  const ResponseShard& shard_;
  const Communicator& comm_;
};

}  // namespace jensen::advi
