#include "jensen/models/advi/constraint.hpp"

#include <cmath>
#include <iterator>

#include "constraint_maps.hpp"

namespace jensen::advi {

namespace {

template <class Use>
auto with_map(const ParameterBlock& block, Use use) {
  switch (block.constraint) {
    case Constraint::positive:
      return use(PositiveMap());
    case Constraint::interval:
      return use(IntervalMap());
    case Constraint::simplex:
      return use(SimplexMap());
    case Constraint::ordered:
      return use(OrderedMap());
    case Constraint::correlation_cholesky:
      return use(CorrelationMap());
    case Constraint::covariance_cholesky:
      return use(CovarianceMap());
    case Constraint::real:
      break;
  }
  return use(RealMap());
}

}  // namespace

void check(const ParameterBlock& block) {
  if (block.size < 1)
    throw InputError(fmt::format("parameter '{}' has size {} (must be at least 1)", block.name, block.size));
  if (block.constraint != Constraint::interval) return;
  // at least one number lies strictly between them
  if (!(std::nextafter(block.lower, block.upper) < block.upper) || !std::isfinite(block.upper - block.lower))
    throw InputError(
        fmt::format("parameter '{}' lies between {} and {} (must be two finite numbers with others between "
                    "them, the lower "
                    "one first)",
                    block.name, block.lower, block.upper));
}

Index unconstrained_size(const ParameterBlock& block) {
  return with_map(block, [&](auto map) { return map.free(block.size); });
}

Index constrained_size(const ParameterBlock& block) {
  return with_map(block, [&](auto map) { return map.full(block.size); });
}

double constrain(const ParameterBlock& block, Given zeta, Numbers theta) {
  return with_map(block, [&](auto map) { return map.constrain(block, zeta, theta); });
}

void pull_back(const ParameterBlock& block, Given zeta, Given theta, Given theta_gradient,
               double jacobian_weight, Numbers zeta_gradient) {
  with_map(block, [&](auto map) {
    map.pull_back(block, zeta, theta, theta_gradient, jacobian_weight, zeta_gradient);
  });
}

void unconstrain(const ParameterBlock& block, Given theta, Numbers zeta) {
  const Index expected = constrained_size(block);
  if (std::ssize(theta) != expected)
    throw InputError(fmt::format("parameter '{}' starts with {} numbers (must be {})", block.name,
                                 theta.size(), expected));
  for (std::size_t i = 0; i < theta.size(); ++i)
    if (!std::isfinite(theta[i])) refuse_start(block, i, theta[i], "finite");
  with_map(block, [&](auto map) { map.unconstrain(block, theta, zeta); });
}

}  // namespace jensen::advi
