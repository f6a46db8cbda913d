#include "jensen/models/gmm/method.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/models/mixture/evaluation.hpp"
#include "jensen/models/mixture/prediction.hpp"

namespace jensen::gmm {
namespace {

double expansion_limit_of(const Options& options, const mixture::Family& family) {
  if (options.kernel == "automatic") return Settings().expansion_limit;
  if (options.kernel != "centred" && options.kernel != "expanded") {
    throw UsageError(fmt::format("kernel = '{}' (must be automatic, centred or expanded)", options.kernel));
  }
  if (family.component != mixture::Quadratic::packed) {
    throw UsageError(
        fmt::format("kernel = {} goes with --covariance full (found {}, which has one kernel); leave it out",
                    options.kernel, family.alias));
  }
  return options.kernel == "centred" ? 0 : std::numeric_limits<double>::infinity();
}

Arithmetic arithmetic_for(const Options& options, const mixture::Family& family) {
  const Arithmetic arithmetic = arithmetic_of(options.precision);
  if (arithmetic == Arithmetic::float32 && family.form() == mixture::Quadratic::packed) {
    throw UsageError(
        fmt::format("precision = float32 goes with --covariance diag, spherical or equal-spherical (found "
                    "{}, whose covariances need the digits of float64); leave it out",
                    family.alias));
  }
  return arithmetic;
}

}  // namespace

Settings make_settings(const Options& options, Index components, Index features) {
  const mixture::Family& family = mixture::find_family(options.covariance, features);
  if (!(options.covariance_floor >= 0)) {
    throw UsageError(fmt::format("covariance-floor = {:g} (must be 0 or more)", options.covariance_floor));
  }
  if (!(options.fixed_variance >= 0)) {
    throw UsageError(
        fmt::format("fixed-variance = {:g} (must be positive, or 0 to estimate it)", options.fixed_variance));
  }
  if (options.fixed_variance > 0 && family.letters != "EII") {
    throw UsageError(
        fmt::format("fixed-variance goes with --covariance equal-spherical (found {})", family.alias));
  }
  return {.family = &family,
          .components = components,
          .equal_weights = options.equal_weights,
          .fixed_variance = options.fixed_variance,
          .covariance_floor = options.covariance_floor,
          .expansion_limit = expansion_limit_of(options, family),
          .arithmetic = arithmetic_for(options, family)};
}

Scaling Method::scaling(const Options& options, Index features) {
  return mixture::find_family(options.covariance, features).scaling;
}

std::vector<std::string> Method::check(const Options& options, const FeatureSummary& summary,
                                       const std::vector<std::string>& feature_names) {
  const Settings settings = make_settings(options, 1, summary.features());
  mixture::require_varying(summary, feature_names);
  if (settings.arithmetic == Arithmetic::float32) require_safe_in_float32(summary, settings.family->scaling);
  return {};
}

GaussianMixture Method::make(const Options& options, Index components, const FeatureSummary& summary,
                             const Transform& transform, std::uint64_t seed) {
  return GaussianMixture(make_settings(options, components, summary.features()), summary, transform, seed);
}

void Method::evaluate(const Model& model, const Options&, const DenseShard& shard, const Communicator& comm,
                      Document& document) {
  const mixture::Evaluation parts = mixture::evaluate(model, shard, comm);
  const double log_likelihood = model.units().reported(parts.log_likelihood, parts.weight);
  const auto parameters = static_cast<double>(model.free_parameters());
  const double bic = -2 * log_likelihood + parameters * std::log(parts.weight);
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, value);
  };
  set("records", static_cast<std::int64_t>(shard.global_records()));
  set("total_weight", parts.weight);
  set("log_likelihood", log_likelihood);
  set("mean_log_likelihood", log_likelihood / parts.weight);
  set("elbo", log_likelihood);
  set("entropy", parts.entropy);
  set("uncertain_share", parts.uncertain_weight / parts.weight);
  set("free_parameters", model.free_parameters());
  set("bic", bic);
  set("aic", -2 * log_likelihood + 2 * parameters);
  set("icl", bic - 2 * parts.log_max_responsibility);
  set("icl_entropy", bic + 2 * parts.entropy);
  set("floor_active", static_cast<std::int64_t>(model.floor_active()));
  set("smallest_weight", model.weights().minCoeff());
  document.set("/fit/sizes", parts.sizes);
}

void Method::predict(const Model& model, const DenseBlock& block, Prediction& prediction) {
  Eigen::ArrayXd log_density;
  Matrix responsibilities;
  model.responsibilities(block, responsibilities, log_density);
  mixture::fill_prediction(responsibilities, log_density + model.units().offset_per_weight, prediction);
}

void Method::log_density(const Model& model, const DenseBlock& block, Eigen::ArrayXd& values) {
  Matrix responsibilities;
  model.responsibilities(block, responsibilities, values);
  values += model.units().offset_per_weight;
}

mixture::Density Method::density(std::shared_ptr<const Model> model, const Transform& transform,
                                 std::uint64_t seed) {
  const mixture::Parameters parameters = model->parameters();
  return mixture::make_density(
      parameters, transform, {}, seed,
      [model](const DenseBlock& block, Eigen::ArrayXd& values) { log_density(*model, block, values); });
}

}  // namespace jensen::gmm
