#include "corpus_data.hpp"

#include <fmt/format.h>

#include <map>

#include "jensen/core/error.hpp"
#include "jensen/io/dataset.hpp"

namespace jensen::app {
namespace {

constexpr Index kMostNumbers = Index{1} << 48;  // of an array that can be addressed

CountStartKind kind_of(const NamedStart& named) {
  static const std::map<std::string, CountStartKind> kKinds = {{"random", CountStartKind::random},
                                                               {"documents", CountStartKind::documents},
                                                               {"labels", CountStartKind::labels},
                                                               {"model", CountStartKind::model}};
  return kKinds.at(named.how);
}

}  // namespace

void CorpusData::adapt(std::vector<Option>& options, const std::string& model) {
  for (Option& option : options) {
    if (option.name == "components") option.help = "number of topics; required";
    if (option.name == "start") option.argument = kStarts, option.help = "first topics";
    if (option.name == "block-rows")
      option.help = "documents in a block, the unit of summation; 0 = chosen from the entries of the corpus";
    if (option.name == "parameter-tolerance")
      option.help = "stop when no parameter moves by more than e; 0 = never";
    if (option.name == "weights") refuse(option, fmt::format("{} counts each document once", model));
    if (option.name == "standardise") refuse(option, fmt::format("{} takes counts as they are", model));
  }
}

void CorpusData::require_fitting_sizes(const Info& info, Index components, Index) {
  if (components <= kMostNumbers / info.vocabulary) return;
  throw InputError(fmt::format("components = {} (must be at most {} for the {} words of '{}')", components,
                               kMostNumbers / info.vocabulary, info.vocabulary, info.name()));
}

std::string CorpusData::describe(const Info& info, Index block_rows) {
  return fmt::format("{}: {} documents x {} words, {} entries{}", info.name(), info.documents,
                     info.vocabulary, info.entries,
                     block_rows > 0 ? fmt::format(", blocks of {} documents", block_rows) : "");
}

MemoryEstimate CorpusData::estimate_memory(const Info& info, const FitSettings& settings,
                                           Index statistics_size, int ranks) {
  const auto entries = static_cast<double>(info.entries), words = static_cast<double>(info.vocabulary);
  const double count = info.storage == CountShard::Storage::float32 ? 4 : 8;
  double names = 0;
  for (const std::string& word : info.words) names += static_cast<double>(sizeof(word) + word.capacity());
  const double data = (entries * (4 + count) + 8 * static_cast<double>(info.documents)) / ranks + 2 * names;
  const double topics = 8 * words * static_cast<double>(parse_components(settings.components));
  // in the fit: the parameters, what derives from them, and the state of the best fit; then what is written,
  // as parameters and as state, the file in memory and what is read back
  constexpr double kArrays = 12;
  return {{"data", data}, {"sums", bytes_of_sums(statistics_size, ranks)}, {"topics", kArrays * topics}};
}

std::vector<std::string> CorpusData::warnings(const Loaded& data) {
  if (data.empty_documents == 0) return {};
  return {fmt::format("{} of {} documents are empty: they say nothing about topics", data.empty_documents,
                      data.shard.documents())};
}

Vector CorpusData::load_word_prior(const Info& info, const std::string& name, const Communicator& comm) {
  if (name.empty()) return {};
  const std::vector<double> values = io::load_positive(name, info.file, info.vocabulary, "word", comm);
  return Eigen::Map<const Vector>(values.data(), info.vocabulary);
}

CorpusData::Given CorpusData::read_start(const NamedStart& named, Index components, const CountShard& shard,
                                         const Communicator& comm) {
  Given given;
  if (named.how == "model") {
    given.model = read_model(named.file, comm);
    require_same_vocabulary(*given.model, shard.info().source, shard.vocabulary(), shard.info().words);
  }
  if (named.how == "labels") {
    given.labels =
        number_labels(io::load_labels(named.file, shard.partition(), comm), components, named.file, comm);
  }
  return given;
}

CountStartRequest CorpusData::start_request(const NamedStart& named, const Given& given, Index components,
                                            const CountShard& shard, const Space& space,
                                            const Communicator& comm, const StartOccasion& occasion) {
  return {.kind = kind_of(named),
          .seed = occasion.seed,
          .components = components,
          .shard = shard,
          .tokens = space.tokens,
          .comm = comm,
          .labels = given.labels,
          .model = given.model ? &*given.model : nullptr};
}

}  // namespace jensen::app
