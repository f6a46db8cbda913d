#pragma once

#include <memory>

#include "jensen/core/table.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/decomposed.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/fit/stopping.hpp"
#include "jensen/models/kmeans/hard_mixture.hpp"
#include "jensen/models/kmeans/options.hpp"
#include "jensen/models/mixture/density.hpp"

namespace jensen::kmeans {

struct HardMixtureMethod;

/// What the command line needs of k-means, beside its start.
struct Method {
  using Model = KMeans;
  using Options = kmeans::Options;
  using Decomposed = DecomposedMethod<HardMixtureMethod>;

  static constexpr const char* kName = "kmeans";
  static constexpr const char* kSummary = "k-means by Lloyd's algorithm: hard EM";
  static constexpr const char* kDefaultStart = "kmeans++";
  static constexpr const char* kToleranceMeaning =
      "stop at a gain below e times the inertia; 0 = when the centroids stay";
  static constexpr double kDefaultTolerance = 0;

  static Scaling scaling(const Options&, Index) { return Scaling::common; }
  /// Sentences on what is odd about the data; throws where they cannot be fitted.
  static std::vector<std::string> check(const Options& options, const FeatureSummary& summary,
                                        const std::vector<std::string>& feature_names);
  static void set_tolerance(double tolerance, Stopping& stopping);

  /// A model of K components, before its start or to be given a saved state.
  static Model make(const Options& options, Index components, const FeatureSummary& summary,
                    const Transform& transform, std::uint64_t seed);
  /// One pass; writes attributes of "/fit".
  static void evaluate(const Model& model, const Options& options, const DenseShard& shard,
                       const Communicator& comm, Document& document);
  static Table component_table(const Document& document);
  static constexpr const char* kParametersChecked = "centroids are finite";
  /// Throw InputError: parameters of a file that k-means cannot have, or that are not those of the model
  /// which was loaded from the same file.
  static void require_parameters(const Document& document);
  static void require_agreement(const Model& model, const Transform& transform, const Document& document);
  /// Why there is no Sampler, and what to do.
  static constexpr const char* kNoSampler =
      "k-means has centroids, but no density of the records; fit the mixture that is nearest to it, with "
      "'jensen fit gmm --covariance equal-spherical', and sample that";
  static constexpr bool kHasResponsibilities = false;
  static std::vector<std::string> prediction_columns() { return {"squared_distance"}; }
  static void predict(const Model& model, const DenseBlock& block, Prediction& prediction);
  /// What sums of log-densities are called, and what has these.
  static constexpr const char* kLogDensity = "log-likelihood";
  static constexpr const char* kReadAs =
      "the mixture of Gaussians of weights 1/K and variance inertia / (N D)";
  /// The mixture that HardMixture comes to, of the inertia in the model's file. Throws InputError where that
  /// has none or it is 0.
  static mixture::Density density(std::shared_ptr<const Model> model, const Transform& transform,
                                  std::uint64_t seed, const Document& document);
};

/// k-means whose E-steps can be taken apart.
struct HardMixtureMethod : Method {
  using Model = HardMixture;

  static Model make(const Options& options, Index components, const FeatureSummary& summary,
                    const Transform& transform, std::uint64_t seed);
};

}  // namespace jensen::kmeans
