#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jensen/core/table.hpp"
#include "jensen/data/response_summary.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/fit/stopping.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/options.hpp"
#include "jensen/models/advi/predictive.hpp"

namespace jensen::advi {

/// The target that the options name, for such records. Throws UsageError where they do not go together.
std::shared_ptr<const Target> make_target(const Options& options, const ResponseSummary& data,
                                          Index components);

/// The settings that the options mean; throws UsageError where they are none.
Settings make_settings(const Options& options, const ResponseSummary& data, std::uint64_t seed);

/// What the command line needs of ADVI, beside its start.
struct Method {
  using Model = Advi;
  using Options = advi::Options;

  static constexpr const char* kName = "advi";
  static constexpr const char* kSummary = "variational inference by automatic differentiation";
  static constexpr const char* kDefaultStart = "laplace";
  static constexpr const char* kDefaultComponents = "1";
  static constexpr Index kDefaultRestarts = 1;
  static constexpr const char* kToleranceMeaning =
      "stop when a window's median ELBO gains less than e nats on that of the window before; 0 = never";
  static constexpr double kDefaultTolerance = 0.01;

  static void set_tolerance(double tolerance, Stopping& stopping) {
    stopping.absolute_gain = std::max(stopping.absolute_gain, tolerance);  // units are the same
  }
  static Index stopping_window(const Options& options) { return options.window; }

  /// Sentences on what is odd about the data; throws where they cannot be fitted.
  static std::vector<std::string> check(const Options& options, const ResponseSummary& data,
                                        Index components);
  static Model make(const Options& options, Index components, const ResponseSummary& data,
                    std::uint64_t seed) {
    Settings settings = make_settings(options, data, seed);
    settings.components = components;
    return Model(make_target(options, data, components), settings);
  }

  /// One pass with fresh draws of q; see evaluation.hpp.
  static void evaluate(const Model& model, const Options& options, const ResponseShard& shard,
                       const Communicator& comm, Document& document);
  /// The log predictive density of records, by `final_draws` draws of q; of the training data also what
  /// `evaluate` says of the ELBO. Collective. Throws InputError where responses are missing.
  static void score(const Model& model, const Options& options, const ResponseShard& shard, bool training,
                    const Communicator& comm, Document& document);
  /// What `score` says of each record.
  static std::vector<std::string> score_columns() { return {"log_density"}; }
  static std::function<void(const ResponseBlock&, Prediction&)> scorer(const Model& model,
                                                                       const Options& options);
  /// A row for each parameter: mean, sd and quantiles.
  static Table component_table(const Document& document);

  static constexpr const char* kParametersChecked = "the parameters of q are finite";
  static void require_parameters(const Document& document);
  static void require_agreement(const Model& model, const Document& document);

  /// Of targets with classes or components; see Target::class_names.
  static constexpr bool kHasResponsibilities = true;
  static std::vector<std::string> class_names(const Model& model) { return model.target().class_names(); }
  static std::vector<std::string> prediction_columns(const Model& model) {
    return model.target().prediction_columns();
  }
  static void predict(const Model& model, const ResponseBlock& block, Prediction& prediction);

  /// Draws parameters from q.
  class Sampler {
   public:
    Sampler(const Model& model, std::uint64_t seed)
        : target_(model.shared_target()), q_(model.posterior()), seed_(seed) {}
    std::vector<std::string> names() const { return target_->reported_names(); }
    /// What is reported of draw number n.
    Vector draw(Index n) const;

   private:
    std::shared_ptr<const Target> target_;
    Family q_;
    std::uint64_t seed_;
  };
  /// Draw data: responses of given records, or records.
  using ResponseSampler = PosteriorPredictive;
  using RecordSampler = advi::RecordSampler;
};

}  // namespace jensen::advi
