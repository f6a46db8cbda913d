#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

#include "jensen/core/divergence.hpp"
#include "jensen/core/error.hpp"

namespace jensen {
namespace {

using Long = long double;  // terms grow as a log a, their sums do not

Long digamma(Long x) {
  return boost::math::digamma(x);
}

/// log Gamma(b) - log Gamma(a) + (a - b) digamma(a): what Gamma is above its tangent's value, in logarithms.
Long above_tangent(Long b, Long a) {
  return std::lgamma(b) - std::lgamma(a) + (a - b) * digamma(a);
}

void require_same_size(Index p, Index q) {
  if (p != q) throw InputError(fmt::format("p has {} dimensions and q has {} (must be as many)", p, q));
}

void require_concentration(const Vector& concentration, const char* name) {
  for (Index k = 0; k < concentration.size(); ++k) {
    if (concentration[k] > 0 && std::isfinite(concentration[k])) continue;
    throw InputError(
        fmt::format("concentration {} of {} is {} (must be positive and finite)", k, name, concentration[k]));
  }
  if (concentration.size() == 0)
    throw InputError(fmt::format("{} has no concentrations (must have at least one)", name));
}

/// L with L L' = scale, as that of a covariance.
CovarianceRoot root_of(const Wishart& wishart, const char* name) {
  const auto d = static_cast<double>(wishart.scale.rows());
  if (!(wishart.degrees > d - 1 && std::isfinite(wishart.degrees))) {
    throw InputError(fmt::format("{} has {} degrees of freedom (must be above {}, its dimensions less 1)",
                                 name, wishart.degrees, d - 1));
  }
  return CovarianceRoot(wishart.scale, name);
}

}  // namespace

double kl_divergence(const Dirichlet& p, const Dirichlet& q) {
  require_concentration(p.concentration, "p");
  require_concentration(q.concentration, "q");
  require_same_size(p.concentration.size(), q.concentration.size());
  Long sum = 0, p_total = 0, q_total = 0;
  for (Index k = 0; k < p.concentration.size(); ++k) {
    const Long a = p.concentration[k], b = q.concentration[k];
    sum += above_tangent(b, a);
    p_total += a;
    q_total += b;
  }
  return std::max(static_cast<double>(sum - above_tangent(q_total, p_total)), 0.0);
}

/// The scale matrices enter as covariances of Gaussians do, `degrees` of q times.
double kl_divergence(const Wishart& p, const Wishart& q) {
  const CovarianceRoot p_root = root_of(p, "the scale matrix of p");
  const CovarianceRoot q_root = root_of(q, "the scale matrix of q");
  require_same_size(p_root.size(), q_root.size());
  const Index d = p_root.size();
  const double scales = gaussian_divergence(Vector::Zero(d), p_root, q_root);
  const double excess_trace = q_root.solve(p_root.lower()).squaredNorm() - static_cast<double>(d);
  const Long difference = static_cast<Long>(p.degrees) - q.degrees;
  Long sum = static_cast<Long>(q.degrees) * scales + difference / 2 * excess_trace;
  for (Index i = 0; i < d; ++i) {
    const Long more = static_cast<Long>(i);
    sum += above_tangent((q.degrees - more) / 2, (p.degrees - more) / 2);
  }
  return std::max(static_cast<double>(sum), 0.0);
}

double kl_divergence(const NormalWishart& p, const NormalWishart& q) {
  const double precisions = kl_divergence(p.precision, q.precision);
  const Index d = p.precision.scale.rows();
  for (const auto& [prior, name] : {std::pair(&p, "p"), std::pair(&q, "q")}) {
    if (prior->mean.size() != d || !prior->mean.allFinite())
      throw InputError(
          fmt::format("the mean of {} has {} values (must be {}, and finite)", name, prior->mean.size(), d));
    if (!(prior->strength > 0 && std::isfinite(prior->strength)))
      throw InputError(
          fmt::format("the strength of {} is {} (must be positive and finite)", name, prior->strength));
  }
  const double ratio = q.strength / p.strength;
  const Vector difference = p.mean - q.mean;
  const double distance = p.precision.degrees * difference.dot(p.precision.scale * difference);
  return precisions + 0.5 * (static_cast<double>(d) * (ratio - 1 - std::log(ratio)) + q.strength * distance);
}

}  // namespace jensen
