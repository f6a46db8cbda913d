#include "jensen/models/advi/density.hpp"

namespace jensen::advi {
namespace {

/// Calls visit(block, where its unconstrained and its constrained numbers begin and how many they are).
template <class Visit>
void for_each_block(const Target& target, Visit visit) {
  std::size_t zeta = 0, theta = 0;
  for (const ParameterBlock& block : target.parameters()) {
    const auto zetas = static_cast<std::size_t>(unconstrained_size(block));
    const auto thetas = static_cast<std::size_t>(constrained_size(block));
    visit(block, zeta, zetas, theta, thetas);
    zeta += zetas;
    theta += thetas;
  }
}

std::span<const double> all(const Vector& vector) {
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}
std::span<double> all(Vector& vector) {
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

/// theta, and log |det J|.
double constrain_all(const Target& target, const Vector& zeta, Vector& theta) {
  double log_jacobian = 0;
  for_each_block(
      target, [&](const ParameterBlock& block, std::size_t z, std::size_t zs, std::size_t t, std::size_t ts) {
        log_jacobian += constrain(block, all(zeta).subspan(z, zs), all(theta).subspan(t, ts));
      });
  return log_jacobian;
}

/// J^T g + jacobian_weight * d log |det J| / d zeta.
Vector pull_all_back(const Target& target, const Vector& zeta, const Vector& theta, const Vector& gradient,
                     double jacobian_weight) {
  Vector of_zeta = Vector::Zero(zeta.size());
  for_each_block(
      target, [&](const ParameterBlock& block, std::size_t z, std::size_t zs, std::size_t t, std::size_t ts) {
        pull_back(block, all(zeta).subspan(z, zs), all(theta).subspan(t, ts), all(gradient).subspan(t, ts),
                  jacobian_weight, all(of_zeta).subspan(z, zs));
      });
  return of_zeta;
}

}  // namespace

DensityAt::DensityAt(std::shared_ptr<const Target> target, Index points)
    : target_(std::move(target)),
      unconstrained_(unconstrained_size(*target_)),
      theta_(target_->size(), points),
      zeta_(static_cast<std::size_t>(points), Vector::Zero(unconstrained_)),
      prior_gradient_(static_cast<std::size_t>(points)),
      outer_(static_cast<std::size_t>(points)) {
  for (Index s = 0; s < points; ++s) set(s, Vector::Zero(unconstrained_));
}

void DensityAt::set(Index s, const Vector& zeta) {
  const auto at = static_cast<std::size_t>(s);
  Vector theta(target_->size());
  zeta_[at] = zeta;
  outer_[at] = constrain_all(*target_, zeta, theta);
  prior_gradient_[at] = Vector::Zero(theta.size());
  outer_[at] += target_->log_prior(all(theta), all(prior_gradient_[at]));
  theta_.set_point(s, all(theta));
  if (s == 0) theta_.pad();
}

Vector DensityAt::gradient(Index s, const Vector& gradient) const {
  const auto at = static_cast<std::size_t>(s);
  Vector theta(theta_.size());
  theta_.get_point(s, all(theta));
  return pull_all_back(*target_, zeta_[at], theta, gradient + prior_gradient_[at], 1);
}

Index unconstrained_size(const Target& target) {
  Index size = 0;
  for (const ParameterBlock& block : target.parameters()) size += unconstrained_size(block);
  return size;
}

Vector constrained(const Target& target, const Vector& zeta) {
  Vector theta(target.size());
  constrain_all(target, zeta, theta);
  return theta;
}

Vector pulled_back(const Target& target, const Vector& zeta, const Vector& theta_gradient) {
  return pull_all_back(target, zeta, constrained(target, zeta), theta_gradient, 0);
}

Vector unconstrained(const Target& target, const Vector& theta) {
  Vector zeta(unconstrained_size(target));
  for_each_block(
      target, [&](const ParameterBlock& block, std::size_t z, std::size_t zs, std::size_t t, std::size_t ts) {
        unconstrain(block, all(theta).subspan(t, ts), all(zeta).subspan(z, zs));
      });
  return zeta;
}

}  // namespace jensen::advi
