#include "jensen/models/bayes_gmm/method.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/models/mixture/component_table.hpp"
#include "jensen/models/mixture/evaluation.hpp"
#include "jensen/models/mixture/prediction.hpp"
#include "jensen/models/mixture/softmax.hpp"

namespace jensen::bayes_gmm {
namespace {

void require_positive(const char* name, double value, const char* beside) {
  if (!(value > 0)) throw UsageError(fmt::format("{} = {:g} (must be positive{})", name, value, beside));
}

/// Sum over the records of the log posterior predictive density, in internal coordinates.
double sum_log_predictive(const BayesianMixture& model, const DenseShard& shard, const Communicator& comm) {
  Statistics sums;
  accumulate(shard, comm, sums, [&](const DenseBlock& block, Index, Statistics& s) {
    Eigen::ArrayXd log_density = model.log_predictive(block, model.log_joint(block));
    block.apply_weights(log_density);
    s.objective() = log_density.sum();
  });
  return sums.objective();
}

std::string describe_prior(const Settings& settings) {
  const bool dirichlet = settings.weight_prior == WeightPrior::dirichlet;
  return fmt::format(
      "{} of concentration {:.4g}; the data's mean, worth {:g}, and {:g} times their covariance, worth {:g} "
      "records",
      dirichlet ? "Dirichlet" : "Dirichlet process", settings.concentration, settings.mean_precision,
      settings.prior_scale, settings.degrees_of_freedom);
}

}  // namespace

Settings make_settings(const Options& options, Index components, Index features) {
  const mixture::Family& family = mixture::find_family(options.covariance, features);
  Settings settings{.family = &family,
                    .components = components,
                    .weight_prior = weight_prior_of(options.weight_prior),
                    .concentration = options.concentration,
                    .mean_precision = options.mean_precision,
                    .degrees_of_freedom = options.degrees_of_freedom,
                    .prior_scale = options.prior_covariance};
  if (settings.concentration == 0) {
    settings.concentration =
        settings.weight_prior == WeightPrior::dirichlet ? 1 / static_cast<double>(components) : 1;
  }
  if (settings.degrees_of_freedom == 0) settings.degrees_of_freedom = static_cast<double>(features);
  require_positive("concentration", settings.concentration, ", or 0 for the default");
  require_positive("mean-precision", settings.mean_precision, "");
  require_positive("prior-covariance", settings.prior_scale, "");
  require_positive("degrees-of-freedom", settings.degrees_of_freedom, ", or 0 for the default");
  if (family.form() == mixture::Quadratic::packed &&
      !(settings.degrees_of_freedom > static_cast<double>(features - 1))) {
    throw UsageError(fmt::format(
        "degrees-of-freedom = {:g} (must be above {}, the number of features less 1, with --covariance {})",
        settings.degrees_of_freedom, features - 1, family.alias));
  }
  return settings;
}

Scaling Method::scaling(const Options& options, Index features) {
  return mixture::find_family(options.covariance, features).scaling;
}

std::vector<std::string> Method::check(const Options& options, const FeatureSummary& summary,
                                       const std::vector<std::string>& feature_names) {
  make_settings(options, 1, summary.features());
  mixture::require_varying(summary, feature_names);
  return {};
}

BayesianMixture Method::make(const Options& options, Index components, const FeatureSummary& summary,
                             const Transform& transform, std::uint64_t) {
  return BayesianMixture(make_settings(options, components, summary.features()), summary, transform);
}

void Method::evaluate(const Model& model, const Options&, const DenseShard& shard, const Communicator& comm,
                      Document& document) {
  const mixture::Evaluation parts = mixture::evaluate(model, shard, comm);
  const auto reported = [&](double value) { return model.units().reported(value, parts.weight); };
  const double elbo = reported(parts.log_likelihood - model.divergence());
  const double log_predictive = reported(sum_log_predictive(model, shard, comm));
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, value);
  };
  set("records", static_cast<std::int64_t>(shard.global_records()));
  set("total_weight", parts.weight);
  set("elbo", elbo);
  set("mean_elbo", elbo / parts.weight);
  if (model.settings().weight_prior == WeightPrior::dirichlet)
    set("elbo_multiplicity", elbo + model.log_labellings());
  set("divergence", model.divergence());
  set("log_predictive", log_predictive);
  set("mean_log_predictive", log_predictive / parts.weight);
  set("entropy", parts.entropy);
  set("uncertain_share", parts.uncertain_weight / parts.weight);
  set("live_components", static_cast<std::int64_t>(model.live_components()));
  set("prior", describe_prior(model.settings()));
  document.set("/fit/sizes", parts.sizes);
}

void Method::predict(const Model& model, const DenseBlock& block, Prediction& prediction) {
  Matrix joint = model.log_joint(block);
  const Eigen::ArrayXd log_density = model.log_predictive(block, joint);
  Eigen::ArrayXd log_sum;
  mixture::normalise(joint, log_sum);
  mixture::fill_prediction(joint, log_density + model.units().offset_per_weight, prediction);
}

void Method::log_density(const Model& model, const DenseBlock& block, Eigen::ArrayXd& values) {
  values = model.log_predictive(block, model.log_joint(block)) + model.units().offset_per_weight;
}

mixture::Density Method::density(std::shared_ptr<const Model> model, const Transform& transform,
                                 std::uint64_t seed) {
  const mixture::Parameters parameters = model->parameters();
  return mixture::make_density(
      parameters, transform, model->tails(), seed,
      [model](const DenseBlock& block, Eigen::ArrayXd& values) { log_density(*model, block, values); });
}

Table Method::component_table(const Document& document) {
  return mixture::component_table(document, 1);
}

}  // namespace jensen::bayes_gmm
