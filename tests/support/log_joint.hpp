#pragma once

#include <catch2/catch.hpp>

#include "jensen/core/random.hpp"
#include "jensen/models/advi/density.hpp"
#include "support/gradients.hpp"

namespace test {

/// log p(theta(zeta), block) + log |det J|, and its gradient with respect to zeta.
inline double log_joint(const std::shared_ptr<const jensen::advi::Target>& target,
                        const jensen::ResponseBlock& block, const Vector& zeta, Vector* gradient = nullptr) {
  jensen::advi::DensityAt density(target, 1);
  density.set(0, zeta);
  jensen::advi::Points values(1, 1), gradients(target->size(), 1);
  target->add_log_likelihood(density.theta(), block, values, gradient != nullptr ? &gradients : nullptr);
  if (gradient != nullptr) {
    Vector of_theta(target->size());
    gradients.get_point(0, {of_theta.data(), static_cast<std::size_t>(of_theta.size())});
    *gradient = density.gradient(0, of_theta);
  }
  return density.log_joint(0, values(0, 0));
}

/// `scale` times standard normal numbers, keyed.
inline Vector some_point(Index size, Index key, double scale = 0.5) {
  jensen::Stream stream(11, jensen::Purpose::canary, key);
  Vector zeta(size);
  for (double& value : zeta) value = scale * stream.normal();
  return zeta;
}

/// Checks that the gradient is that of differences, and that the value does not hang on whether it is asked.
inline void check_gradient(const std::shared_ptr<const jensen::advi::Target>& target,
                           const jensen::ResponseBlock& block, const Vector& zeta) {
  Vector gradient;
  const double value = log_joint(target, block, zeta, &gradient);
  CHECK(log_joint(target, block, zeta) == value);
  const auto function = [&](const Vector& at) { return log_joint(target, block, at); };
  CHECK(gradient_error(gradient, differences(function, zeta)) < 1e-7);
}

/// Checks that what a target says of many points is, bit for bit, what it says of each alone.
inline void check_points_alone(const std::shared_ptr<const jensen::advi::Target>& target,
                               const jensen::ResponseBlock& block) {
  for (const Index count : {2, 8, 11}) {
    jensen::advi::DensityAt density(target, count);
    for (Index s = 0; s < count; ++s) density.set(s, some_point(density.size(), s));
    jensen::advi::Points values(1, count), gradients(target->size(), count);
    target->add_log_likelihood(density.theta(), block, values, &gradients);
    for (Index s = 0; s < count; ++s) {
      jensen::advi::DensityAt one(target, 1);
      one.set(0, some_point(density.size(), s));
      jensen::advi::Points value(1, 1), gradient(target->size(), 1);
      target->add_log_likelihood(one.theta(), block, value, &gradient);
      CHECK(value(0, 0) == values(0, s));
      for (Index i = 0; i < target->size(); ++i) CHECK(gradient(i, 0) == gradients(i, s));
    }
  }
}

}  // namespace test
