#include "response_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dense_data.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/models/advi/dependence.hpp"
#include "jensen/models/advi/separation.hpp"
#include "report.hpp"
#include "response_columns.hpp"
#include "stored.hpp"

namespace jensen::app {
namespace {

constexpr double kMuch = 1 << 20;  // bytes of memory that are worth a sentence

/// Weighted moments and range of the responses, over all ranks.
void summarise_responses(const ResponseShard& shard, const Communicator& comm, ResponseSummary& summary) {
  const auto mean_of = [&](auto function) {
    Statistics sums(1);
    accumulate(shard, comm, sums, [&](const ResponseBlock& block, Index, Statistics& s) {
      for (Index n = 0; n < block.rows(); ++n) {
        const double weight = block.weight(n);
        if (weight > 0) s.body()[0] += weight * function(block.responses[static_cast<std::size_t>(n)]);
        s.weight() += weight;
      }
    });
    return sums.body()[0] / sums.weight();
  };
  double least = std::numeric_limits<double>::infinity(), most = -least;
  bool integers = true;
  for (Index n = 0; n < shard.partition().own_records(); ++n) {
    if (shard.features().own_weight(n) == 0) continue;
    const double y = shard.responses()[static_cast<std::size_t>(n)];
    least = std::min(least, y);
    most = std::max(most, y);
    integers &= y == std::floor(y);
  }
  summary.has_response = true;
  summary.minimum = comm.min(least) + 0.0;
  summary.maximum = comm.max(most) + 0.0;
  summary.integers = comm.min(std::int64_t{integers}) == 1;
  summary.mean = mean_of([](double y) { return y; });
  summary.variance = mean_of([&](double y) { return (y - summary.mean) * (y - summary.mean); });
}

/// Whether the features tell the classes apart, a sentence where they do.
std::string separation_of(const ResponseShard& shard, const ResponseSummary& summary, bool two_classes,
                          const Communicator& comm) {
  const bool two = two_classes && summary.integers && summary.minimum == 0 && summary.maximum == 1;
  const auto classes = two ? 2 : static_cast<Index>(summary.classes.size());
  if (classes < 2) return {};
  const advi::Separation found = advi::find_separation(shard, classes, comm);
  return found.found() ? advi::sentence_of(found) : std::string();
}

std::array<std::uint64_t, 2> joined(std::array<std::uint64_t, 2> all,
                                    const std::array<std::uint64_t, 2>& more) {
  for (std::size_t lane = 0; lane < 2; ++lane)
    all[lane] = (all[lane] ^ more[lane]) * 0x9e3779b97f4a7c15U + lane;
  return all;
}

}  // namespace

void ResponseData::adapt(std::vector<Option>& options, const std::string& model) {
  for (Option& option : options) {
    if (option.name == "standardise")
      refuse(option, model + " fits features in units of their standard deviations anyway");
    if (option.name == "components") option.help = "of a mixture, or factors; regressions have none";
    if (option.name == "start") option.argument = kStarts, option.help = "first q";
    if (option.name == "parameter-tolerance")
      option.help = "stop when no mean of q moves by more than e of its sds; 0 = never";
  }
}

void ResponseData::require_fitting_sizes(const Info& info, Index, Index block_rows) {
  require_few_blocks(info, block_rows);
}

std::string ResponseData::describe(const Info& info, Index block_rows) {
  return describe_records(info, block_rows, "columns");
}

MemoryEstimate ResponseData::estimate_memory(const Info& info, const FitSettings& settings,
                                             Index statistics_size, int ranks) {
  const double columns =
      records_of_root(info, settings.block_rows, ranks) * (settings.weights.empty() ? 16 : 24);
  return {{"data", bytes_of_records(info, settings.block_rows, ranks) + columns},
          {"sums", bytes_of_sums(statistics_size, ranks)}};
}

ResponseData::Space ResponseData::unit_space(Index features) {
  Space space;
  space.feature_summary = unit_summary(features);
  space.transform = Transform::identity(features);
  space.feature_names = feature_names_of(Document(), features);
  space.records = space.block_rows = 1;
  space.total_weight = space.variance = 1;
  space.has_response = true;
  space.classes = {0, 1};
  return space;
}

std::string ResponseData::more_memory(const Space& space, Index told_size, Index size, int ranks) {
  const double told = bytes_of_sums(told_size, ranks), needed = bytes_of_sums(size, ranks);
  if (needed < 2 * told + kMuch) return {};
  return fmt::format(
      "with {} groups and {} classes a process needs {} for sums, not {} as was said before they were read",
      space.groups.size(), space.classes.size(), human_bytes(needed), human_bytes(told));
}

/// Features, and beside them the columns or data sets that are responses and groups.
struct ResponseData::Tables {
  io::LoadedData features;
  std::vector<std::string> feature_names;
  std::vector<double> responses, groups;  // as read; empty where there are none
  std::array<std::uint64_t, 2> fingerprint;
};

/// A data set that is not there is an error only where it is `needed`.
ResponseData::Tables ResponseData::read(const Info& info, const std::string& weights, Index block_rows,
                                        const Columns& names, bool needed, const Communicator& comm) {
  const io::LoadedData data = io::load(info, {.weights = weights, .block_rows = block_rows}, comm);
  std::array<std::uint64_t, 2> fingerprint = data.fingerprint;
  ResponseColumns columns(info, data);
  const auto take = [&](const std::string& name, const char* what) {
    if (name.empty()) return std::vector<double>();
    if (columns.takes_feature(name)) return columns.take_feature(name);
    if (!needed && !io::has_column(name, info.file, comm)) return std::vector<double>();
    io::LoadedColumn column = io::load_column(name, info.file, what, data.shard.partition(), comm);
    fingerprint = joined(fingerprint, column.fingerprint);
    return std::move(column.values);
  };
  std::vector<double> responses = take(names.response, "responses"), groups = take(names.groups, "groups");
  return {columns.without_taken(), columns.names_left(), std::move(responses), std::move(groups),
          fingerprint};
}

ResponseData::Loaded ResponseData::load(const Info& info, const std::string& weights, Index block_rows,
                                        const Columns& names, const Communicator& comm) {
  Tables tables = read(info, weights, block_rows, names, true, comm);
  const DenseShard& features = tables.features.shard;
  ResponseSummary summary;
  if (names.classes && !names.response.empty())
    summary.classes = number_distinct(tables.responses, features, {"responses", names.response}, comm);
  if (!names.groups.empty())
    summary.groups = number_distinct(tables.groups, features, {"groups", names.groups}, comm);
  summary.feature_summary =
      summarise_features(features, comm, tables.features.minimum, tables.features.maximum);
  summary.transform = names.explained ? internal_coordinates(summary.feature_summary, Scaling::per_feature)
                                      : Transform::identity(features.features());
  summary.feature_names = tables.feature_names;
  summary.records = info.records;
  summary.block_rows = features.partition().block_rows;
  summary.total_weight = summary.feature_summary.total_weight;
  Loaded loaded = in_coordinates(std::move(tables), std::move(summary));
  if (names.response.empty()) return loaded;
  ResponseSummary& known = loaded.summary;
  summarise_responses(loaded.shard, comm, known);
  if (!names.explained) return loaded;
  known.dependent = advi::dependent_features(loaded.shard, comm);
  known.separation = separation_of(loaded.shard, known, names.two_classes, comm);
  return loaded;
}

ResponseData::Loaded ResponseData::in_coordinates(Tables tables, ResponseSummary summary) {
  ResponseShard shard(tables.features.shard.with_transform(summary.transform), std::move(tables.responses),
                      std::vector<Index>(tables.groups.begin(), tables.groups.end()));
  const double read_seconds = tables.features.read_seconds;
  return {.data = std::move(tables.features),
          .shard = std::move(shard),
          .summary = std::move(summary),
          .fingerprint = tables.fingerprint,
          .read_seconds = read_seconds};
}

Document ResponseData::header(const Loaded& data) {
  io::LoadedData all = data.data;
  all.fingerprint = data.fingerprint;
  Document header = io::data_header(all);
  store_summary(data.summary, header);
  return header;
}

ResponseData::Given ResponseData::read_start(const NamedStart& named, Index, const ResponseShard&,
                                             const Communicator& comm) {
  Given given;
  if (named.how == "model") given.model = read_model(named.file, comm);
  return given;
}

ResponseData::StartRequest ResponseData::start_request(const NamedStart& named, const Given& given, Index,
                                                       const ResponseShard& shard, const Space&,
                                                       const Communicator& comm, const StartOccasion&) {
  const auto kind = named.how == "model"     ? advi::StartKind::model
                    : named.how == "laplace" ? advi::StartKind::laplace
                                             : advi::StartKind::centre;
  return {.kind = kind, .shard = shard, .comm = comm, .model = given.model ? &*given.model : nullptr};
}

void ResponseData::require_schema(const Document& document) {
  for (const char* name : {"records", "features"}) document.integer_attribute("/data", name);
  for (const char* path : {"/preprocess/shift", "/preprocess/scale"}) document.vector(path);
  document.array("/data/feature_names");
}

std::string ResponseData::stored_sizes(const Document& document) {
  return fmt::format("{} records x {} features", document.integer_attribute("/data", "records"),
                     document.integer_attribute("/data", "features"));
}

void ResponseData::require_stored(const Document& document) {
  stored_summary(document);
}

ResponseData::Loaded ResponseData::load_for(const Document& document, const Space& space,
                                            const Columns& names, const std::string& input,
                                            const std::string& weights, const Communicator& comm) {
  const io::DatasetInfo info = io::inspect(input, comm);
  Index block_rows = naming_file(document, [&] { return stored_block_rows(document); });
  if (block_rows > 0) block_rows = std::max(block_rows, (info.records + kMostBlocks - 1) / kMostBlocks);
  Tables tables = read(info, weights, block_rows, names, false, comm);
  const DenseShard& features = tables.features.shard;
  if (names.classes)
    number_known(tables.responses, space.classes, features, {"responses", names.response}, comm);
  number_known(tables.groups, space.groups, features, {"groups", names.groups}, comm);
  if (const Index found = features.features(); found != space.features()) {
    throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                 info.name(), found, space.features(), document.origin));
  }
  return in_coordinates(std::move(tables), space);
}

void ResponseData::require_data_if(bool needed, const Document& document, const SampleRequest& request) {
  if (needed && request.data.empty()) {
    throw UsageError(
        fmt::format("data is missing; give --data INPUT, the records whose responses are to be drawn: '{}' "
                    "is a regression",
                    document.origin));
  }
  if (!needed && !request.data.empty()) {
    throw UsageError(
        fmt::format("data = {}, but '{}' draws whole records; leave it out", request.data, document.origin));
  }
}

ResponseData::Space ResponseData::stored_space(const Document& document) {
  return stored_summary(document);
}

}  // namespace jensen::app
