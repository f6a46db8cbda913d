#include "fit_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/io/model_file.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

/// The distinct labels of all ranks in rising order are components 0 ... K-1.
std::vector<Index> number_labels(const std::vector<std::int64_t>& own, Index components,
                                 const std::string& source, const Communicator& comm) {
  const std::set<std::int64_t> mine(own.begin(), own.end());
  const std::vector<std::int64_t> list(mine.begin(), mine.end());
  const auto all = comm.all_gather(std::span<const std::int64_t>(list));
  const std::set<std::int64_t> distinct(all.begin(), all.end());
  if (static_cast<Index>(distinct.size()) != components) {
    throw InputError(fmt::format("'{}' has {} different labels (must be {}, the number of components)",
                                 source, distinct.size(), components));
  }
  std::vector<Index> numbered;
  numbered.reserve(own.size());
  for (const std::int64_t label : own) {
    numbered.push_back(std::distance(distinct.begin(), distinct.find(label)));
  }
  return numbered;
}

/// Numbers a record that a start was given.
Index numbers_given(const FitSettings& settings) {
  if (settings.start.starts_with("responsibilities:")) return parse_components(settings.components);
  if (settings.start.starts_with("labels:")) return 2;  // as read, and numbered
  return 0;
}

/// What seeding (distances and labels) or, after it, k-means (labels, bounds and sums by block) keeps of the
/// records.
double bytes_kept(double records, double features, double components, double block_rows) {
  const double sums = 8 * components <= block_rows ? components * (features + 9) * 8 / block_rows : 0;
  return records * (12 + sums);
}

}  // namespace

Index parse_components(const std::string& text) {
  if (text.empty()) throw UsageError("components is missing; give --components K, the number of components");
  if (text.find_first_of(":,") != std::string::npos) {
    throw UsageError(fmt::format(
        "components = '{}' (must be one number: ranges and lists are reserved for a later version)", text));
  }
  Index components = 0;
  parse_option("components", text, components);
  if (components < 1) throw UsageError(fmt::format("components = {} (must be at least 1)", components));
  return components;
}

void require_fitting_sizes(const io::DatasetInfo& info, Index components, Index block_rows) {
  if (components > info.records) {
    throw InputError(fmt::format("components = {} (must be at most {}, the number of records in '{}')",
                                 components, info.records, info.name()));
  }
  const Index fewest = (info.records + kMostBlocks - 1) / kMostBlocks;
  if (block_rows > 0 && block_rows < fewest) {
    throw UsageError(fmt::format("block-rows = {} (must be at least {} for the {} records of '{}', or 0)",
                                 block_rows, fewest, info.records, info.name()));
  }
}

Stopping make_stopping(const FitSettings& settings) {
  const auto require = [](bool fine, const char* name, auto value, const char* bound) {
    if (!fine) throw UsageError(fmt::format("{} = {} (must be {})", name, value, bound));
  };
  require(settings.max_iterations >= 0, "max-iterations", settings.max_iterations, "0 or more");
  require(settings.tolerance >= 0, "tolerance", settings.tolerance, "0 or more");
  require(settings.relative_tolerance >= 0, "relative-tolerance", settings.relative_tolerance, "0 or more");
  require(settings.absolute_tolerance >= 0, "absolute-tolerance", settings.absolute_tolerance, "0 or more");
  require(settings.parameter_tolerance >= 0, "parameter-tolerance", settings.parameter_tolerance,
          "0 or more");
  require(settings.restarts >= 1, "restarts", settings.restarts, "at least 1");
  require(settings.block_rows >= 0, "block-rows", settings.block_rows, "0 or more");
  if (settings.standardise != "none" && settings.standardise != "sd")
    throw UsageError(fmt::format("standardise = '{}' (must be none or sd)", settings.standardise));
  require(settings.seed >= 0, "seed", settings.seed, "0 or more");
  return {.max_iterations = settings.max_iterations,
          .relative_gain = settings.relative_tolerance,
          .absolute_gain = settings.absolute_tolerance,
          .parameter_change = settings.parameter_tolerance,
          .strict = settings.strict};
}

void keep_inputs(const std::string& output, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (std::filesystem::equivalent(output, input.substr(0, input.rfind(":/")), ignored)) {
      throw UsageError(
          fmt::format("output = '{}' is also an input and would be overwritten; name another file", output));
    }
  }
}

Document read_model(const std::string& file, const Communicator& comm) {
  Document document;
  comm.agree([&] { document = io::read_model_file(file); });
  return document;
}

NamedStart parse_start(const std::string& text) {
  const auto colon = text.find(':');
  const std::string how = text.substr(0, colon);
  NamedStart start{.file = colon == std::string::npos ? "" : text.substr(colon + 1)};
  static const std::map<std::string, StartKind> kKinds = {{"kmeans", StartKind::kmeans},
                                                          {"kmeans++", StartKind::kmeans_plus_plus},
                                                          {"kmeans-parallel", StartKind::kmeans_parallel},
                                                          {"random", StartKind::random},
                                                          {"responsibilities", StartKind::responsibilities},
                                                          {"labels", StartKind::labels},
                                                          {"model", StartKind::model}};
  const auto found = kKinds.find(how);
  if (found == kKinds.end()) {
    throw UsageError(fmt::format(
        "start = '{}' (must be kmeans, kmeans++, kmeans-parallel, random, responsibilities[:FILE:/d], "
        "labels:FILE:/d or model:FILE)",
        text));
  }
  start.kind = found->second;
  const bool needs_file = start.kind == StartKind::labels || start.kind == StartKind::model;
  if (start.file.empty() && needs_file) {
    throw UsageError(fmt::format("start = '{}' (must name a file: {})", text,
                                 start.kind == StartKind::labels ? "labels:FILE:/dataset" : "model:FILE"));
  }
  if (colon != std::string::npos && !needs_file && start.kind != StartKind::responsibilities) {
    throw UsageError(fmt::format("start = '{}' ('{}' takes no file)", text, how));
  }
  return start;
}

GivenStart read_start(const NamedStart& named, Index components, const Partition& partition,
                      const Communicator& comm) {
  const std::string& file = named.file;
  GivenStart given{.kind = named.kind};
  if (named.kind == StartKind::model) given.model = read_model(file, comm);
  if (named.kind == StartKind::labels) {
    given.labels = number_labels(io::load_labels(file, partition, comm), components, file, comm);
  }
  if (named.kind == StartKind::responsibilities && !file.empty()) {
    given.responsibilities = io::load_responsibilities(file, partition, comm);
    const auto columns = comm.max(std::int64_t{given.responsibilities.cols()});
    if (columns != components) {
      throw InputError(fmt::format("'{}' has {} columns (must be {}, the number of components)", file,
                                   columns, components));
    }
  }
  return given;
}

std::vector<std::string> feature_names(const io::DatasetInfo& info) {
  if (!info.feature_names.empty()) return info.feature_names;
  return feature_names_of(Document(), info.features);
}

MemoryEstimate estimate_memory(const io::DatasetInfo& info, const FitSettings& settings,
                               Index statistics_size, int ranks) {
  const Index block_rows = chosen_block_rows(settings.block_rows, info.records);
  const Partition first{info.records, block_rows, 0, ranks};  // rank 0 has most
  const double value = info.storage == DenseShard::Storage::float32 ? 4 : 8;
  const auto own = static_cast<double>(first.own_records()), d = static_cast<double>(info.features);
  MemoryEstimate memory;
  memory.data =
      own * (d * value + (settings.weights.empty() ? 0 : 8)) + 2 * static_cast<double>(block_rows) * d * 8;
  // a block's sums and the totals, binned sums of 34 bytes an entry, and 32 bytes an entry that travel
  memory.sums = static_cast<double>(statistics_size) * (2 * 8 + 34 + (ranks > 1 ? 32 : 0));
  memory.start = own * 8 * static_cast<double>(numbers_given(settings)) +
                 bytes_kept(own, d, static_cast<double>(parse_components(settings.components)),
                            static_cast<double>(block_rows));
  return memory;
}

void announce_fit(const std::string& model, const std::string& summary, const io::DatasetInfo& info,
                  const FitSettings& settings, const std::vector<Option>& model_options,
                  const std::string& tolerance_meaning, const MemoryEstimate& memory, int ranks) {
  const auto line = [](const char* label, const std::string& text) { fmt::print("{:<10}{}\n", label, text); };
  std::string extra;
  for (const Option& option : model_options) {
    if (option.is_recorded()) extra += fmt::format(", {} {}", option.name, to_text(option.get()));
  }
  const Index block_rows = chosen_block_rows(settings.block_rows, info.records);
  fmt::print("jensen {}: {} ({}), {} {}\n", JENSEN_VERSION, summary, model, ranks,
             ranks == 1 ? "rank" : "ranks");
  line("data", fmt::format("{}: {} records x {} features ({}), blocks of {} records", info.name(),
                           info.records, info.features,
                           info.storage == DenseShard::Storage::float32 ? "float32" : "float64", block_rows));
  line("model", fmt::format("{} components{}", settings.components, extra));
  line("start", fmt::format("{}, {} {}, seed {}", settings.start, settings.restarts,
                            settings.restarts == 1 ? "restart" : "restarts", settings.seed));
  line("stop", fmt::format("e = {:g}: {}; or after {} iterations", settings.tolerance, tolerance_meaning,
                           settings.max_iterations));
  line("memory", fmt::format("{} on each rank: data {}, sums {}, start {}; beside the program itself",
                             human_bytes(memory.total()), human_bytes(memory.data), human_bytes(memory.sums),
                             human_bytes(memory.start)));
  std::fflush(stdout);
}

}  // namespace jensen::app
