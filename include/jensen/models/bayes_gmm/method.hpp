#pragma once

#include <memory>

#include "jensen/core/table.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/fit/stopping.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "jensen/models/bayes_gmm/options.hpp"
#include "jensen/models/mixture/density.hpp"
#include "jensen/models/mixture/sampler.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::bayes_gmm {

/// The settings that the options mean; throws UsageError where they are no prior.
Settings make_settings(const Options& options, Index components, Index features);

/// Draws records from the posterior predictive.
class Sampler : public mixture::Sampler {
 public:
  Sampler(const BayesianMixture& model, const Transform& transform, std::uint64_t seed)
      : mixture::Sampler(model.parameters(), transform, seed, model.tails()) {}
};

/// What the command line needs of Bayesian mixtures, beside their start.
struct Method {
  using Model = BayesianMixture;
  using Options = bayes_gmm::Options;

  static constexpr const char* kName = "bayes-gmm";
  static constexpr const char* kSummary = "Bayesian Gaussian mixture by variational Bayes";
  static constexpr const char* kDefaultStart = "kmeans";
  static constexpr const char* kToleranceMeaning = "stop at a gain below e nats per record; 0 = never";
  static constexpr double kDefaultTolerance = 1e-8;

  static Scaling scaling(const Options& options, Index features);
  /// Sentences on what is odd about the data; throws where they cannot be fitted.
  static std::vector<std::string> check(const Options& options, const FeatureSummary& summary,
                                        const std::vector<std::string>& feature_names);
  static void set_tolerance(double tolerance, Stopping& stopping) { stopping.gain_per_weight = tolerance; }

  /// A model of K components, before its start or to be given a saved state.
  static Model make(const Options& options, Index components, const FeatureSummary& summary,
                    const Transform& transform, std::uint64_t seed);
  /// One pass; writes attributes of "/fit": ELBO, log predictive density, entropy, sizes.
  static void evaluate(const Model& model, const Options& options, const DenseShard& shard,
                       const Communicator& comm, Document& document);
  static Table component_table(const Document& document);
  static constexpr const char* kParametersChecked = "weights add up to 1, covariances are positive definite";
  /// Throw InputError: parameters of a file that no mixture has, or that are not those of the model which was
  /// loaded from the same file.
  static void require_parameters(const Document& document) { mixture::require_parameters(document); }
  static void require_agreement(const Model& model, const Transform& transform, const Document& document) {
    mixture::require_agreement(model.parameters(), transform, document);
  }
  using Sampler = bayes_gmm::Sampler;
  static constexpr bool kHasResponsibilities = true;
  /// The log-density is that of the posterior predictive.
  static std::vector<std::string> prediction_columns() { return {"log_density", "uncertainty"}; }
  static void predict(const Model& model, const DenseBlock& block, Prediction& prediction);
  /// What sums of log-densities are called.
  static constexpr const char* kLogDensity = "log predictive";
  /// B log-densities of the posterior predictive, nats, in the data's units.
  static void log_density(const Model& model, const DenseBlock& block, Eigen::ArrayXd& values);
  /// The same as a density that records are drawn from; it keeps the model.
  static mixture::Density density(std::shared_ptr<const Model> model, const Transform& transform,
                                  std::uint64_t seed);
};

}  // namespace jensen::bayes_gmm
