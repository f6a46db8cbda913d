#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dense_sample.hpp"
#include "fit_setup.hpp"
#include "jensen/data/response_shard.hpp"
#include "jensen/data/response_summary.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/models/advi/start_request.hpp"
#include "nouns.hpp"
#include "response_sample.hpp"

namespace jensen::app {

/// What the commands do with records whose responses are to be explained; see DenseData. Of a Method's
/// options they read `response`, `groups`, `numbers_classes()`, `has_two_classes()` and
/// `explains_responses()`.
struct ResponseData {
  using Info = io::DatasetInfo;
  using StartRequest = advi::StartRequest;

  static constexpr Nouns kNouns = {.components = ""};
  static constexpr const char* kStarts = "laplace|centre|model:FILE";
  static constexpr const char* kNoPlane =
      "a posterior of parameters has no components to draw; 'jensen info' has a table of them";
  static constexpr const char* kShares = "probabilities";
  static constexpr bool kAlwaysShares = false;

  static void adapt(std::vector<Option>& options, const std::string& model);

  struct Loaded {
    io::LoadedData data;  // the features' records, without columns that are responses or groups
    ResponseShard shard;
    ResponseSummary summary;
    std::array<std::uint64_t, 2> fingerprint = {};  // of features, weights, responses and groups
    double read_seconds = 0;
  };
  using Space = ResponseSummary;
  struct Given {
    std::optional<Document> model = {};
  };

  static Info inspect(const std::string& input, const Communicator& comm) { return io::inspect(input, comm); }
  static void require_fitting_sizes(const Info& info, Index components, Index block_rows);
  static std::string describe(const Info& info, Index block_rows);
  static MemoryEstimate estimate_memory(const Info& info, const FitSettings& settings, Index statistics_size,
                                        int ranks);
  /// Told for two groups and classes, as their number is known only when they are read.
  template <class Method>
  static Index statistics_size(const Info& info, const typename Method::Options& options, Index components) {
    const Space space = unit_space(info.features);
    return static_cast<Index>(make<Method>(options, components, space, 0).make_sums().flat().size());
  }

  template <class Options>
  static Loaded load(const Info& info, const FitSettings& settings, const Options& options,
                     const Communicator& comm) {
    return load(info, settings.weights, settings.block_rows, columns_of(options), comm);
  }
  template <class Method, class Warn>
  static Space space_of(const Info& info, const Loaded& data, const typename Method::Options& options,
                        const FitSettings&, Index components, const Warn& warn, const Communicator& comm) {
    for (const std::string& warning : Method::check(options, data.summary, components)) warn(warning);
    const auto sums = make<Method>(options, components, data.summary, 0).make_sums().flat().size();
    const std::string more = more_memory(data.summary, statistics_size<Method>(info, options, components),
                                         static_cast<Index>(sums), comm.size());
    if (!more.empty()) warn(more);
    return data.summary;
  }
  static ResponseShard shard_in(const Space&, const Loaded& data) { return data.shard; }
  static Document header(const Loaded& data);

  template <class Method>
  static typename Method::Model make(const typename Method::Options& options, Index components,
                                     const Space& space, std::uint64_t seed) {
    return Method::make(options, components, space, seed);
  }

  static Given read_start(const NamedStart& named, Index components, const ResponseShard& shard,
                          const Communicator& comm);
  static StartRequest start_request(const NamedStart& named, const Given& given, Index components,
                                    const ResponseShard& shard, const Space& space, const Communicator& comm,
                                    const StartOccasion& occasion);

  static void require_schema(const Document& document);
  static std::string stored_sizes(const Document& document);
  static void require_stored(const Document& document);
  static Space stored_space(const Document& document);

  template <class Model>
  static void require_valid(const Model& model, const Space&) {
    model.require_valid();
  }
  template <class Method>
  static void require_agreement(const typename Method::Model& model, const Space&, const Document& document) {
    Method::require_agreement(model, document);
  }

  /// The records to be judged by a model: with the features that it knows, and with responses and groups
  /// where they are found. Throws InputError where features or groups are others.
  template <class Options>
  static Loaded load_for(const Document& document, const Space& space, const Options& options,
                         const std::string& input, const std::string& weights, const Communicator& comm) {
    return load_for(document, space, columns_of(options), input, weights, comm);
  }
  /// Draws parameters from q into a file. Collective.
  template <class Method>
  static void draw(const typename Method::Model& model, const Space&, Index, const Document& document,
                   const SampleRequest& request, const Communicator& comm) {
    const typename Method::Sampler sampler(model, request.seed);
    draw_parameters([&](Index n) { return sampler.draw(n); }, sampler.names(), document, request, comm);
  }
  /// Draws data from the posterior predictive into a file: responses of the records of `request.data`, or
  /// records. Collective. Throws UsageError where the request names records and the model explains none, or
  /// the other way.
  template <class Method>
  static void draw_predictive(const typename Method::Model& model, const typename Method::Options& options,
                              const Space& space, const Document& document, const SampleRequest& request,
                              const Communicator& comm) {
    require_data_if(options.explains_responses(), document, request);
    if (!options.explains_responses()) {
      const auto components = static_cast<Index>(Method::class_names(model).size());
      const typename Method::RecordSampler sampler(model, space.features(), request.seed);
      return draw_records(sampler, components, document, request, comm);
    }
    const Loaded data = load_for(document, space, options, request.data, "", comm);
    require_room_for_responses(data.shard.partition(), request, document.origin, comm);
    const typename Method::ResponseSampler sampler(model, request.records, request.seed);
    draw_responses([&](const ResponseBlock& block) { return sampler.draw_responses(block); }, data.shard,
                   space.classes, document, request, comm);
  }

 private:
  static void require_data_if(bool needed, const Document& document, const SampleRequest& request);

  struct Columns {
    std::string response, groups;
    bool classes = false;      // responses are labels, to be numbered
    bool two_classes = false;  // they are 0 and 1
    bool explained = true;     // from the features; else these stay in the data's units
  };
  template <class Options>
  static Columns columns_of(const Options& options) {
    return {options.response, options.groups, options.numbers_classes(), options.has_two_classes(),
            options.explains_responses()};
  }

  struct Tables;

  static Space unit_space(Index features);
  /// A sentence where sums take much more memory than was told for a size known before the data were read.
  static std::string more_memory(const Space& space, Index told_size, Index size, int ranks);
  static Tables read(const Info& info, const std::string& weights, Index block_rows, const Columns& columns,
                     bool needed, const Communicator& comm);
  static Loaded in_coordinates(Tables tables, ResponseSummary summary);
  static Loaded load(const Info& info, const std::string& weights, Index block_rows, const Columns& columns,
                     const Communicator& comm);
  static Loaded load_for(const Document& document, const Space& space, const Columns& columns,
                         const std::string& input, const std::string& weights, const Communicator& comm);
};

}  // namespace jensen::app
