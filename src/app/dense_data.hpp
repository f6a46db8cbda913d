#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dense_sample.hpp"
#include "fit_setup.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/init/start_request.hpp"
#include "jensen/io/dataset.hpp"
#include "nouns.hpp"
#include "settings.hpp"

namespace jensen::app {

/// Throws UsageError where blocks of so many records are too many for the exact sums; 0 = chosen from N.
void require_few_blocks(const io::DatasetInfo& info, Index block_rows);
/// What is said of records before they are read; `columns`: what they have.
std::string describe_records(const io::DatasetInfo& info, Index block_rows, const char* columns);
/// Bytes of rank 0's own records as read, which has most, and of a block of them as fitted.
double bytes_of_records(const io::DatasetInfo& info, Index block_rows, int ranks);
/// Rank 0's own records.
double records_of_root(const io::DatasetInfo& info, Index block_rows, int ranks);

/// What the commands do with dense records. Every kind of data has such a struct with the same members (see
/// data_of.hpp): all that `run_fit` and its kin need to know of it.
struct DenseData {
  using Info = io::DatasetInfo;
  using Loaded = io::LoadedData;
  using StartRequest = jensen::StartRequest;

  static constexpr Nouns kNouns = {};
  static constexpr const char* kStarts = kRecordStarts;
  static constexpr const char* kNoPlane = "";  // see RegisteredModel::why_no_plane

  /// The data set of N x K in results, and whether it is always there.
  static constexpr const char* kShares = "responsibilities";
  static constexpr bool kAlwaysShares = false;

  /// Changes what the options of every fit are for these data.
  static void adapt(std::vector<Option>&, const std::string&) {}

  /// Where the records live: what a model is made for, beside its options and the number of its components.
  struct Space {
    FeatureSummary summary = {};
    Transform transform = {};  // into internal coordinates

    Index features() const { return transform.features(); }
  };

  /// What a start names, read.
  struct Given {
    std::vector<Index> labels = {};   // of the own records: 0 ... K-1
    RowMatrix responsibilities = {};  // of the own records
    std::optional<Document> model = {};
  };

  static Info inspect(const std::string& input, const Communicator& comm) { return io::inspect(input, comm); }
  /// What can be told from the sizes, before any memory is taken. Throws InputError or UsageError.
  static void require_fitting_sizes(const Info& info, Index components, Index block_rows);
  /// What is said of the data before they are read.
  static std::string describe(const Info& info, Index block_rows);
  static MemoryEstimate estimate_memory(const Info& info, const FitSettings& settings, Index statistics_size,
                                        int ranks);
  /// Entries of the sums of a pass. Throws UsageError where the options do not go together.
  template <class Method>
  static Index statistics_size(const Info& info, const typename Method::Options& options, Index components) {
    const Space unit{unit_summary(info.features), Transform::identity(info.features)};
    return static_cast<Index>(make<Method>(options, components, unit, 0).make_sums().flat().size());
  }

  template <class Options>
  static Loaded load(const Info& info, const FitSettings& settings, const Options&,
                     const Communicator& comm) {
    return io::load(info, {.weights = settings.weights, .block_rows = settings.block_rows}, comm);
  }
  /// The coordinates that a fit is done in; hands sentences on what is odd about the records to `warn`.
  /// Collective. Throws InputError where the records cannot be fitted.
  template <class Method, class Warn>
  static Space space_of(const Info& info, const Loaded& data, const typename Method::Options& options,
                        const FitSettings& settings, Index components, const Warn& warn,
                        const Communicator& comm) {
    FeatureSummary summary = time_whole(
        Phase::reading, [&] { return summarise_features(data.shard, comm, data.minimum, data.maximum); });
    for (const std::string& warning : Method::check(options, summary, feature_names(info))) warn(warning);
    require_distinct_records(data.shard, comm, components);
    Transform transform = settings.standardise == "sd"
                              ? standardised_coordinates(summary)
                              : internal_coordinates(summary, Method::scaling(options, summary.features()));
    return {std::move(summary), std::move(transform)};
  }
  static DenseShard shard_in(const Space& space, const Loaded& data) {
    return data.shard.with_transform(space.transform);
  }
  /// What a file says of the data it was made from.
  static Document header(const Loaded& data) { return io::data_header(data); }

  template <class Method>
  static typename Method::Model make(const typename Method::Options& options, Index components,
                                     const Space& space, std::uint64_t seed) {
    return Method::make(options, components, space.summary, space.transform, seed);
  }

  /// Collective. Throws InputError.
  static Given read_start(const NamedStart& named, Index components, const DenseShard& shard,
                          const Communicator& comm);
  static StartRequest start_request(const NamedStart& named, const Given& given, Index components,
                                    const DenseShard& shard, const Space& space, const Communicator& comm,
                                    const StartOccasion& occasion);

  /// What a model file says of its data: whether it is there, its sizes, whether it goes together. They throw
  /// InputError.
  static void require_schema(const Document& document);
  static std::string stored_sizes(const Document& document);
  static void require_stored(const Document& document);
  static Space stored_space(const Document& document);

  template <class Model>
  static void require_valid(const Model& model, const Space& space) {
    model.require_valid(space.transform);
  }
  template <class Method>
  static void require_agreement(const typename Method::Model& model, const Space& space,
                                const Document& document) {
    Method::require_agreement(model, space.transform, document);
  }

  /// The records to be judged by a model of that space. Throws InputError where they have another number of
  /// features.
  template <class Options>
  static Loaded load_for(const Document& document, const Space& space, const Options&,
                         const std::string& input, const std::string& weights, const Communicator& comm) {
    return load_for(document, space, input, weights, comm);
  }
  /// Draws records into a file. Collective.
  template <class Method>
  static void draw(const typename Method::Model& model, const Space& space, Index components,
                   const Document& document, const SampleRequest& request, const Communicator& comm) {
    draw_records(typename Method::Sampler(model, space.transform, request.seed), components, document,
                 request, comm);
  }
  /// The label of each of a few records, n x D in the data's units.
  template <class Method>
  static std::vector<Index> labels(const typename Method::Model& model, const Space& space,
                                   const RowMatrix& records) {
    const DenseShard shard = make_serial_shard(records).with_transform(space.transform);
    DenseShard::Buffer buffer;
    Prediction prediction;
    std::vector<Index> labels;
    for (Index i = 0; i < shard.block_count(); ++i) {
      Method::predict(model, shard.block(i, buffer), prediction);
      labels.insert(labels.end(), prediction.labels.begin(), prediction.labels.end());
    }
    return labels;
  }

 private:
  static Loaded load_for(const Document& document, const Space& space, const std::string& input,
                         const std::string& weights, const Communicator& comm);
  static std::vector<std::string> feature_names(const Info& info);
};

}  // namespace jensen::app
