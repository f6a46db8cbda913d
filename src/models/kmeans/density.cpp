#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/models/kmeans/method.hpp"
#include "jensen/models/mixture/gaussians.hpp"

namespace jensen::kmeans {
namespace {

/// inertia / (N D), in the data's units.
double variance_of(const Document& document, Index features) {
  if (!document.has_attribute("/fit", "inertia")) {
    throw InputError(
        fmt::format("'{}' has no inertia (must have, to be read as a mixture); let the fit end, and "
                    "use its model file",
                    document.origin));
  }
  const double inertia = document.number_attribute("/fit", "inertia");
  const double weight = document.number_attribute("/fit", "total_weight");
  if (!(inertia > 0 && weight > 0)) {
    throw InputError(
        fmt::format("the inertia in '{}' is {} of {} records (must be positive, to be read as a "
                    "mixture: else records have no density); fit fewer clusters",
                    document.origin, inertia, weight));
  }
  return inertia / (weight * static_cast<double>(features));
}

}  // namespace

mixture::Density Method::density(std::shared_ptr<const Model> model, const Transform& transform,
                                 std::uint64_t seed, const Document& document) {
  const Index count = model->components(), d = model->features();
  const mixture::Family& family = mixture::find_family("equal-spherical", d);
  const Vector weights = Vector::Constant(count, 1 / static_cast<double>(count));
  mixture::Covariances covariances(family.form(), d, 1);
  covariances.values.setConstant(variance_of(document, d) * transform.scale[0] * transform.scale[0]);
  const auto [whitening, log_determinant] = precision_root(covariances, 0, "fit fewer clusters");
  const double constant = log_determinant - 0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);

  const auto gaussians = std::make_shared<mixture::Gaussians>(family, count, d, mixture::kExpansionLimit);
  gaussians->begin(Vector::Zero(d));
  gaussians->set(0, model->centroids().row(0), whitening, constant, covariances.norm(0));
  for (Index k = 1; k < count; ++k) gaussians->set_like_first(k, model->centroids().row(k), constant);
  gaussians->pack(weights.array().log());
  const auto of_block = [gaussians, log_scale = transform.log_scale()](const DenseBlock& block,
                                                                       Eigen::ArrayXd& values) {
    Matrix responsibilities;
    gaussians->responsibilities(block, responsibilities, values);
    values += log_scale;
  };
  return mixture::make_density({family, weights, model->centroids(), covariances}, transform, {}, seed,
                               of_block);
}

}  // namespace jensen::kmeans
