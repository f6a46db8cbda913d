#pragma once

#include <memory>
#include <vector>

#include "jensen/models/advi/target.hpp"

namespace jensen::advi {

/// Points zeta in unconstrained coordinates, where they are under the constraints, and log p(theta, records)
/// + log |det J| there, once the records' part has been summed:
///
///   set(s, zeta) for each point;  sum Target::add_log_likelihood(theta(), ...) over records;
///   log_joint(s, sum), gradient(s, sum).
class DensityAt {
 public:
  DensityAt() = default;
  DensityAt(std::shared_ptr<const Target> target, Index points);

  Index count() const { return theta_.count(); }
  Index size() const { return unconstrained_; }  // of zeta

  void set(Index s, const Vector& zeta);
  const Vector& zeta(Index s) const { return zeta_[static_cast<std::size_t>(s)]; }
  const Points& theta() const { return theta_; }

  /// log p(theta_s) + log |det J| + log_likelihood, nats.
  double log_joint(Index s, double log_likelihood) const {
    return outer_[static_cast<std::size_t>(s)] + log_likelihood;
  }
  /// Its gradient with respect to zeta; `gradient`: P, of the log-likelihood with respect to theta_s.
  Vector gradient(Index s, const Vector& gradient) const;

 private:
  std::shared_ptr<const Target> target_;
  Index unconstrained_ = 0;
  Points theta_;
  std::vector<Vector> zeta_, prior_gradient_;
  std::vector<double> outer_;  // log prior + log |det J|
};

/// Numbers of unconstrained coordinates of a target.
Index unconstrained_size(const Target& target);
/// theta for zeta.
Vector constrained(const Target& target, const Vector& zeta);
/// J^T g, with respect to zeta, for g with respect to theta: without the Jacobian's own gradient.
Vector pulled_back(const Target& target, const Vector& zeta, const Vector& theta_gradient);
/// zeta for theta. Throws InputError where a block violates its constraint.
Vector unconstrained(const Target& target, const Vector& theta);

}  // namespace jensen::advi
