#include "jensen/models/bayes_gmm/wishart.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <cmath>
#include <numbers>

namespace jensen::bayes_gmm {
namespace {

using mixture::Quadratic;
using Long = long double;

/// Sum of f(nu_i / 2) over the one-dimensional parts of the distribution, nu_i their degrees of freedom.
template <class F>
Long sum_over_dimensions(const Wishart& wishart, F f) {
  const Long degrees = wishart.degrees, d = static_cast<Long>(wishart.features);
  if (wishart.form == Quadratic::norm) return f(d * degrees / 2);
  if (wishart.form == Quadratic::squares) return d * f(degrees / 2);
  Long sum = 0;
  for (Index i = 0; i < wishart.features; ++i) sum += f((degrees - static_cast<Long>(i)) / 2);
  return sum;
}

/// log |2 W|, W the scale matrix.
Long log_doubled_scale(const Wishart& wishart) {
  const Long d = static_cast<Long>(wishart.features);
  const Long degrees = wishart.form == Quadratic::norm ? d * wishart.degrees : wishart.degrees;
  return wishart.log_mean - d * std::log(degrees / 2);
}

}  // namespace

long double Wishart::mean_log_determinant() const {
  const Long digammas = sum_over_dimensions(*this, [](Long x) { return boost::math::digamma(x); });
  const Long each = form == Quadratic::norm ? static_cast<Long>(features) : 1;
  return each * digammas + log_doubled_scale(*this);
}

long double Wishart::log_normaliser() const {
  const Long d = static_cast<Long>(features);
  const Long gammas = sum_over_dimensions(*this, [](Long x) { return std::lgamma(x); });
  const Long pi = form == Quadratic::packed ? d * (d - 1) / 4 * std::log(std::numbers::pi_v<Long>) : 0;
  return static_cast<Long>(degrees) / 2 * log_doubled_scale(*this) + gammas + pi;
}

long double divergence(const Wishart& q, const Wishart& p, double relative_trace) {
  const Long d = static_cast<Long>(q.features), nu = q.degrees, nu0 = p.degrees;
  return (nu - nu0) / 2 * q.mean_log_determinant() + nu0 / 2 * relative_trace - nu * d / 2 -
         q.log_normaliser() + p.log_normaliser();
}

}  // namespace jensen::bayes_gmm
