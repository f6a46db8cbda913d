#include "jensen/models/advi/method.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/bernstein_von_mises_record.hpp"
#include "jensen/models/advi/dependence.hpp"
#include "jensen/models/advi/targets/factor_analysis.hpp"
#include "jensen/models/advi/targets/mixture.hpp"
#include "jensen/models/advi/targets/regression.hpp"

namespace jensen::advi {
namespace {

constexpr Index kPredictionDraws = 256;
constexpr std::uint64_t kPredictionSeed = 1;

template <class Value>
Value one_of(const char* name, const std::string& text,
             std::initializer_list<std::pair<const char*, Value>> known) {
  std::string allowed;
  for (const auto& [word, value] : known) {
    if (text == word) return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  throw UsageError(fmt::format("{} = '{}' (must be one of {})", name, text, allowed));
}

Response response_of(const Options& options) {
  return one_of(
      "target", options.target,
      {std::pair("linear", Response::normal), std::pair("robust", Response::student),
       std::pair("logistic", Response::bernoulli), std::pair("softmax", Response::categorical),
       std::pair("poisson", Response::poisson), std::pair("negative-binomial", Response::negative_binomial)});
}

bool is_measurement(Response response) {
  return response == Response::normal || response == Response::student;
}

bool is_count(Response response) {
  return response == Response::poisson || response == Response::negative_binomial;
}

std::vector<std::string> texts(const std::vector<std::int64_t>& labels) {
  std::vector<std::string> all;
  for (const std::int64_t label : labels) all.push_back(fmt::format("{}", label));
  return all;
}

/// The linear predictor of the mean response, where its prior is centred.
double centre_of(Response response, const ResponseSummary& data) {
  if (is_measurement(response)) return data.mean;
  if (is_count(response)) return std::log(data.mean + 0.5 / data.total_weight);
  if (response == Response::categorical) return 0;
  const double share = (data.mean * data.total_weight + 0.5) / (data.total_weight + 1);
  return std::log(share / (1 - share));
}

void require_response(const Options& options, Response response, const ResponseSummary& data) {
  if (!data.has_response) {
    throw UsageError(fmt::format(
        "response is missing; give --response NAME, the feature or data set that a {} regression explains",
        options.target));
  }
  const auto refuse = [&](const char* expected) {
    throw InputError(fmt::format("the responses '{}' go from {} to {}{} (must be {} for --target {})",
                                 options.response, data.minimum, data.maximum,
                                 data.integers ? "" : " and are not all integers", expected, options.target));
  };
  if (response == Response::bernoulli && !(data.integers && data.minimum >= 0 && data.maximum <= 1))
    refuse("0 or 1");
  if (is_count(response) && !(data.integers && data.minimum >= 0)) refuse("0, 1, 2 ...");
  if (response == Response::categorical && data.classes.size() < 2) refuse("of two classes at least");
  if (is_measurement(response) && !(data.variance > 0)) refuse("different from each other");
}

/// Conditions of the Bernstein-von Mises theorem that cannot hold for such a target.
std::vector<std::string> violated_conditions(const Options& options) {
  std::vector<std::string> violated;
  if (options.target == "mixture") violated.push_back("labels of components can be exchanged");
  if (!options.groups.empty()) violated.push_back("effects of groups may grow in number with the records");
  return violated;
}

/// Classes that linear predictors tell apart; 0: responses are none.
Index classes_of(const Options& options, const Target& target) {
  if (!options.numbers_classes() && !options.has_two_classes()) return 0;
  return dynamic_cast<const Regression&>(target).predictors() + 1;
}

std::string number(double value) {
  return fmt::format("{:.5g}", value);
}

}  // namespace

namespace {

std::shared_ptr<const Target> make_regression(const Options& options, const ResponseSummary& data) {
  const Response response = response_of(options);
  if (!(options.prior_scale > 0) || std::isinf(options.prior_scale))
    throw UsageError(fmt::format("prior-scale = {} (must be positive)", options.prior_scale));
  const double spread = is_measurement(response) ? std::sqrt(data.variance) : 1;
  Vector prior_scales(data.features());
  for (Index j = 0; j < prior_scales.size(); ++j) {
    const double sd = std::sqrt(data.feature_summary.variance[j]) * data.transform.scale[j];
    prior_scales[j] = options.prior_scale * spread / (sd > 0 ? sd : 1);
  }
  RegressionSettings settings{.response = response,
                              .classes = static_cast<Index>(data.classes.size()),
                              .degrees_of_freedom = options.degrees_of_freedom,
                              .groups = static_cast<Index>(data.groups.size()),
                              .prior = one_of("prior", options.prior,
                                              {std::pair("normal", CoefficientPrior::normal),
                                               std::pair("horseshoe", CoefficientPrior::horseshoe)}),
                              .prior_scales = prior_scales,
                              .centre = centre_of(response, data),
                              .spread = spread,
                              .intercept_scale = options.prior_scale * spread,
                              .transform = data.transform,
                              .feature_names = data.feature_names,
                              .class_names = texts(data.classes),
                              .group_names = texts(data.groups)};
  return std::make_shared<Regression>(settings, data.features());
}

/// What the features are like, for targets that explain them.
template <class TargetSettings>
TargetSettings settings_for(const Options& options, const ResponseSummary& data) {
  Vector spread = data.feature_summary.variance.cwiseSqrt();
  for (Index j = 0; j < spread.size(); ++j) {
    if (spread[j] > 0) continue;
    throw InputError(fmt::format("feature '{}' is constant, which --target {} cannot explain; leave it out",
                                 data.feature_names[static_cast<std::size_t>(j)], options.target));
  }
  TargetSettings settings;
  settings.centre = data.feature_summary.mean;
  settings.spread = spread;
  settings.mean_scale = options.prior_scale;
  return settings;
}

}  // namespace

std::shared_ptr<const Target> make_target(const Options& options, const ResponseSummary& data,
                                          Index components) {
  if (options.explains_responses()) {
    if (components == 1) return make_regression(options, data);
    throw UsageError(fmt::format("components = {}, but a {} regression has no components; leave it out",
                                 components, options.target));
  }
  if (options.target == "mixture") {
    auto settings = settings_for<MixtureSettings>(options, data);
    settings.components = components;
    return std::make_shared<Mixture>(settings);
  }
  auto settings = settings_for<FactorSettings>(options, data);
  settings.factors = components;
  settings.noise = options.target == "ppca" ? FactorNoise::equal : FactorNoise::diagonal;
  return std::make_shared<FactorAnalysis>(settings);
}

Settings make_settings(const Options& options, const ResponseSummary& data, std::uint64_t seed) {
  if (options.batch < 0) throw UsageError(fmt::format("batch = {} (must be 0 or more)", options.batch));
  if (options.final_draws < 2)
    throw UsageError(fmt::format("final-draws = {} (must be at least 2)", options.final_draws));
  Settings settings{
      .covariance = one_of(
          "family", options.family,
          {std::pair("mean-field", Covariance::mean_field), std::pair("full-rank", Covariance::full_rank),
           std::pair("low-rank", Covariance::low_rank)}),
      .rank = options.rank,
      .draws = options.draws,
      .antithetic = !options.independent_draws,
      .estimator = one_of("gradient", options.gradient,
                          {std::pair("stl", Estimator::sticking_the_landing),
                           std::pair("standard", Estimator::reparameterised)}),
      .step_rule = one_of("step", options.step,
                          {std::pair("natural", StepRule::natural), std::pair("adaptive", StepRule::adaptive),
                           std::pair("adam", StepRule::adam)}),
      .step_size = options.step_size,
      .window = options.window,
      .batches = {.block_rows = data.block_rows, .seed = seed},
      .total_weight = data.total_weight,
      .seed = seed};
  if (options.batch > 0) {
    const Index blocks = (data.records + data.block_rows - 1) / data.block_rows;
    const Index in_batch = std::max<Index>(1, (options.batch + data.block_rows / 2) / data.block_rows);
    settings.batches.count = std::max<Index>(1, (blocks + in_batch - 1) / in_batch);
  }
  return settings;
}

std::vector<std::string> Method::check(const Options& options, const ResponseSummary& data, Index) {
  if (!options.explains_responses()) {
    if (options.response.empty() && options.groups.empty()) return {};
    throw UsageError(fmt::format("--target {} explains the features alone; leave out --response and --groups",
                                 options.target));
  }
  require_response(options, response_of(options), data);
  std::vector<std::string> warnings;
  for (Index j = 0; j < data.features(); ++j) {
    if (data.feature_summary.variance[j] > 0) continue;
    warnings.push_back(fmt::format(
        "feature '{}' is constant: its coefficient cannot be told from the intercept, and follows its prior",
        data.feature_names[static_cast<std::size_t>(j)]));
  }
  for (const std::string& sentence : sentences_of(data.dependent, data.feature_names))
    warnings.push_back(sentence);
  if (data.features() > kMostFeaturesCompared) {
    warnings.push_back(
        fmt::format("{} features are more than {}: whether they are linearly dependent was not "
                    "looked for",
                    data.features(), kMostFeaturesCompared));
  }
  if (!data.separation.empty()) warnings.push_back(data.separation);
  return warnings;
}

void Method::evaluate(const Model& model, const Options& options, const ResponseShard& shard,
                      const Communicator& comm, Document& document) {
  record(advi::evaluate(model, shard, comm, options.final_draws, model.settings().seed), model.target(),
         document);
  document.set_attribute("/fit", "records", static_cast<std::int64_t>(shard.global_records()));
  document.set_attribute("/fit", "failed_draws", model.failed_draws());
  if (!options.bernstein_von_mises) return;
  record(bernstein_von_mises(model.shared_target(), shard, comm,
                             {.seed = model.settings().seed,
                              .classes = classes_of(options, model.target()),
                              .violated = violated_conditions(options)}),
         document);
}

void Method::score(const Model& model, const Options& options, const ResponseShard& shard, bool training,
                   const Communicator& comm, Document& document) {
  comm.agree([&] {
    const bool missing = shard.partition().own_records() > 0 && shard.responses().empty();
    if (!options.explains_responses() || !missing) return;
    throw InputError(
        fmt::format("'{}' has no responses '{}', whose probability is the score; name data that have them, "
                    "or use 'predict' for what is expected of them",
                    shard.info().source, options.response));
  });
  const PosteriorPredictive predictive(model, options.final_draws, kPredictionSeed);
  const PredictiveScore found = advi::score(predictive, shard, comm);
  if (training)
    record(advi::evaluate(model, shard, comm, options.final_draws, model.settings().seed), model.target(),
           document);
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, std::move(value));
  };
  set("records", static_cast<std::int64_t>(shard.global_records()));
  set("total_weight", found.weight);
  set("log_predictive", found.log_predictive);
  set("mean_log_predictive", found.log_predictive / found.weight);
  set("predictive_draws", predictive.draws());
}

std::function<void(const ResponseBlock&, Prediction&)> Method::scorer(const Model& model,
                                                                      const Options& options) {
  return [predictive = PosteriorPredictive(model, options.final_draws, kPredictionSeed)](
             const ResponseBlock& block, Prediction& prediction) {
    Eigen::ArrayXd values;
    predictive.log_density(block, values);
    prediction.values = values.matrix();
  };
}

Table Method::component_table(const Document& document) {
  Table table{.header = {"parameter", "mean", "sd", "2.5 %", "50 %", "97.5 %"}};
  if (!document.has("/parameters/names")) return table;
  const auto& names = std::get<std::vector<std::string>>(document.array("/parameters/names").values);
  const Vector means = document.vector("/parameters/means"), sds = document.vector("/parameters/sds");
  const RowMatrix quantiles = document.matrix("/parameters/quantiles");
  for (Index i = 0; i < means.size(); ++i) {
    table.rows.push_back({names[static_cast<std::size_t>(i)], number(means[i]), number(sds[i]),
                          number(quantiles(i, 0)), number(quantiles(i, 2)), number(quantiles(i, 4))});
  }
  return table;
}

void Method::require_parameters(const Document& document) {
  document.text_attribute("/parameters", "family");
  const Vector q = document.vector("/parameters/q");
  for (Index i = 0; i < q.size(); ++i) {
    if (!std::isfinite(q[i]))
      throw InputError(fmt::format("entry {} of '/parameters/q' is {} (must be finite)", i, q[i]));
  }
}

void Method::require_agreement(const Model& model, const Document& document) {
  const Vector stored = document.vector("/parameters/q");
  if (stored.size() != model.posterior().parameters().size() || stored != model.posterior().parameters())
    throw InputError("'/parameters/q' is not the q of '/state' (must be the same)");
}

Vector Method::Sampler::draw(Index n) const {
  const Vector theta = constrained(*target_, draw_of(q_, seed_, n));
  return target_->reported({theta.data(), static_cast<std::size_t>(theta.size())});
}

void Method::predict(const Model& model, const ResponseBlock& block, Prediction& prediction) {
  const Target& target = model.target();
  const Family q = model.posterior();
  Points theta(target.size(), kPredictionDraws);
  for (Index s = 0; s < kPredictionDraws; ++s) {
    const Vector point = constrained(target, draw_of(q, kPredictionSeed, s));
    theta.set_point(s, {point.data(), static_cast<std::size_t>(point.size())});
  }
  theta.pad();
  target.predict(theta, block, prediction);
}

}  // namespace jensen::advi
