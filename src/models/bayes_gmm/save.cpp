#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::bayes_gmm {
namespace {

void require(bool fine, const char* name, const char* what) {
  if (!fine) throw InputError(fmt::format("'/state/{}' is not {} (must be)", name, what));
}

bool positive(const Vector& values) {
  return values.allFinite() && (values.array() > 0).all();
}

void require_covariances(const mixture::Covariances& covariances, const char* name) {
  for (Index c = 0; c < covariances.count(); ++c) {
    if (covariances.form == mixture::Quadratic::packed) {
      mixture::require_covariance(covariances.full(c), c, "/state");
    } else {
      require(positive(covariances.variances(c)), name, "positive and finite everywhere");
    }
  }
}

}  // namespace

void BayesianMixture::save(const Transform& transform, Document& document) const {
  document.set_attribute("/", "model", std::string("bayes-gmm"));
  mixture::store_parameters(parameters(), transform, document);
  Vector precisions(components()), degrees(components());
  for (Index k = 0; k < components(); ++k) {
    precisions[k] = mean_precision(k);
    degrees[k] = degrees_of_freedom(k);
  }
  document.set("/posterior/sizes", sizes_);
  document.set("/posterior/mean_precisions", precisions);
  document.set("/posterior/degrees_of_freedom", degrees);
  document.set_attribute("/prior", "concentration", settings_.concentration);
  document.set_attribute("/prior", "mean_precision", settings_.mean_precision);
  document.set_attribute("/prior", "degrees_of_freedom", settings_.degrees_of_freedom);
  document.set("/prior/mean", transform.shift);
  const RowMatrix sigma = settings_.degrees_of_freedom * prior_covariance_.dense_in_units(transform, 0);
  document.set("/prior/covariance", std::vector<double>(sigma.data(), sigma.data() + sigma.size()),
               {sigma.rows(), sigma.cols()});
}

void BayesianMixture::require_valid(const Transform& transform) const {
  require(sizes_.allFinite() && (sizes_.array() >= 0).all(), "sizes", "0 or more and finite everywhere");
  require(means_.allFinite(), "means", "finite everywhere");
  require_covariances(covariances_, "covariances");
  require_covariances(prior_covariance_, "prior_covariance");
  require(positive(sd_), "sd", "positive and finite everywhere");
  require(reach_.allFinite() && (reach_.array() >= 0).all(), "reach", "0 or more and finite everywhere");
  require(std::abs(log_scale_ - transform.log_scale()) <= 1e-9 * (1 + std::abs(log_scale_)), "log_scale",
          "the logarithm of '/preprocess/scale'");
}

}  // namespace jensen::bayes_gmm
