#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::gmm {
namespace {

void require(bool fine, const char* name, const char* what) {
  if (!fine) throw InputError(fmt::format("'/state/{}' is not {} (must be)", name, what));
}

bool positive(const Vector& values) {
  return values.allFinite() && (values.array() > 0).all();
}

/// Whether the number is what the transform makes of an option.
bool follows(double found, double expected) {
  return std::abs(found - expected) <= 1e-9 * (1 + std::abs(expected));
}

}  // namespace

void GaussianMixture::require_valid(const Transform& transform) const {
  mixture::require_weights(weights_, "/state");
  require(means_.allFinite(), "means", "finite everywhere");
  for (Index c = 0; c < covariances_.count(); ++c) {
    if (covariances_.form == mixture::Quadratic::packed) {
      mixture::require_covariance(covariances_.full(c), c, "/state");
    } else {
      require(positive(covariances_.variances(c)), "covariances", "positive and finite everywhere");
    }
  }
  require((sizes_.array() >= 0).all(), "sizes", "0 or more everywhere");  // infinite: not known yet
  require(positive(sd_), "sd", "positive and finite everywhere");
  require(positive(reference_variance_), "reference_variance", "positive and finite everywhere");
  require(reach_.allFinite() && (reach_.array() >= 0).all(), "reach", "0 or more and finite everywhere");
  require(follows(log_scale_, transform.log_scale()), "log_scale", "the logarithm of '/preprocess/scale'");
  const double variance = settings_.fixed_variance * transform.scale[0] * transform.scale[0];
  require(follows(fixed_variance_, variance), "fixed_variance", "that of the options");
  require(rough_ == 0 || (rough_ == 1 && family().form() != mixture::Quadratic::packed), "rough",
          "0, or 1 where variances alone are fitted");
}

}  // namespace jensen::gmm
