#include "jensen/models/bayes_gmm/weights.hpp"

#include <fmt/format.h>

#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen::bayes_gmm {
namespace {

using Long = long double;

Long digamma(Long x) {
  return boost::math::digamma(x);
}

/// Of Dirichlet(concentration + sizes) from Dirichlet(concentration, concentration ...).
WeightPosterior dirichlet(Long concentration, const Vector& sizes) {
  const Index count = sizes.size();
  WeightPosterior posterior{Vector(count), Vector(count)};
  Long total = 0;
  for (const double size : sizes) total += concentration + static_cast<Long>(size);
  const Long all = concentration * static_cast<Long>(count), digamma_total = digamma(total);
  posterior.divergence = std::lgamma(total) - std::lgamma(all);
  for (Index k = 0; k < count; ++k) {
    const Long size = sizes[k], alpha = concentration + size, mean_log = digamma(alpha) - digamma_total;
    posterior.mean[k] = static_cast<double>(alpha / total);
    posterior.mean_log[k] = static_cast<double>(mean_log);
    posterior.divergence += std::lgamma(concentration) - std::lgamma(alpha) + size * mean_log;
  }
  return posterior;
}

/// Of the sticks Beta(1 + N_k, concentration + N_(k+1) + N_(k+2) ...) from Beta(1, concentration); what the
/// last component takes is all that is left.
WeightPosterior stick_breaking(Long concentration, const Vector& sizes) {
  const Index count = sizes.size();
  WeightPosterior posterior{Vector(count), Vector(count)};
  Long later = 0;
  for (const double size : sizes) later += static_cast<Long>(size);
  Long left = 1, mean_log_left = 0;  // of the stick
  for (Index k = 0; k < count; ++k) {
    const Long size = sizes[k];
    later = k + 1 < count ? std::max<Long>(later - size, 0) : 0;
    if (k + 1 == count) {
      posterior.mean[k] = static_cast<double>(left);
      posterior.mean_log[k] = static_cast<double>(mean_log_left);
      break;
    }
    const Long a = 1 + size, b = concentration + later, digamma_sum = digamma(a + b);
    const Long log_taken = digamma(a) - digamma_sum, log_left = digamma(b) - digamma_sum;
    posterior.mean[k] = static_cast<double>(left * a / (a + b));
    posterior.mean_log[k] = static_cast<double>(mean_log_left + log_taken);
    left *= b / (a + b);
    mean_log_left += log_left;
    posterior.divergence += std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) - std::log(concentration) +
                            size * log_taken + later * log_left;
  }
  return posterior;
}

}  // namespace

WeightPrior weight_prior_of(const std::string& name) {
  if (name == "dirichlet") return WeightPrior::dirichlet;
  if (name == "stick-breaking") return WeightPrior::stick_breaking;
  throw UsageError(fmt::format("weight-prior = '{}' (must be dirichlet or stick-breaking)", name));
}

WeightPosterior weight_posterior(WeightPrior prior, double concentration, const Vector& sizes) {
  return prior == WeightPrior::dirichlet ? dirichlet(concentration, sizes)
                                         : stick_breaking(concentration, sizes);
}

}  // namespace jensen::bayes_gmm
