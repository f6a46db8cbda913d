#pragma once

#include <span>

#include "jensen/core/aligned.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// Sums over records in one flat array, so that blocks, mini-batches and ranks all merge by addition.
/// Every sum is weighted by the records' weights, except `records`.
class Statistics {
 public:
  explicit Statistics(Index body_size = 0) : values_(kHead + static_cast<std::size_t>(body_size), 0.0) {}

  double& objective() { return values_[0]; }  // additive part of log-likelihood, ELBO or -inertia
  double& magnitude() { return values_[1]; }  // of |its terms|: the scale of rounding errors
  double& weight() { return values_[2]; }     // total weight visited
  double& records() { return values_[3]; }    // number of records visited
  double& entropy() { return values_[4]; }    // of q(z_n), nats; on request
  double& log_max_responsibility() { return values_[5]; }  // log max_k r_nk; on request
  double objective() const { return values_[0]; }
  double magnitude() const { return values_[1]; }
  double weight() const { return values_[2]; }
  double records() const { return values_[3]; }
  double entropy() const { return values_[4]; }
  double log_max_responsibility() const { return values_[5]; }

  /// The model's own sums.
  std::span<double> body() { return std::span(values_).subspan(kHead); }
  std::span<const double> body() const { return std::span(values_).subspan(kHead); }

  /// All of it: what travels.
  std::span<double> flat() { return values_; }
  std::span<const double> flat() const { return values_; }

  void clear() { values_.assign(values_.size(), 0.0); }

 private:
  static constexpr std::size_t kHead = 8;  // two spare, so that the body starts on a cache line

  AlignedVector<double> values_;
};

}  // namespace jensen
