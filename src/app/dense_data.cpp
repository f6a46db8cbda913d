#include "dense_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

StartKind kind_of(const NamedStart& named) {
  static const std::map<std::string, StartKind> kKinds = {{"kmeans", StartKind::kmeans},
                                                          {"kmeans++", StartKind::kmeans_plus_plus},
                                                          {"kmeans-parallel", StartKind::kmeans_parallel},
                                                          {"random", StartKind::random},
                                                          {"responsibilities", StartKind::responsibilities},
                                                          {"labels", StartKind::labels},
                                                          {"model", StartKind::model}};
  return kKinds.at(named.how);
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

void require_few_blocks(const io::DatasetInfo& info, Index block_rows) {
  const Index fewest = (info.records + kMostBlocks - 1) / kMostBlocks;
  if (block_rows > 0 && block_rows < fewest) {
    throw UsageError(fmt::format("block-rows = {} (must be at least {} for the {} records of '{}', or 0)",
                                 block_rows, fewest, info.records, info.name()));
  }
}

std::string describe_records(const io::DatasetInfo& info, Index block_rows, const char* columns) {
  return fmt::format("{}: {} records x {} {} ({}), blocks of {} records", info.name(), info.records,
                     info.features, columns,
                     info.storage == DenseShard::Storage::float32 ? "float32" : "float64",
                     chosen_block_rows(block_rows, info.records));
}

double records_of_root(const io::DatasetInfo& info, Index block_rows, int ranks) {
  const Partition first{info.records, chosen_block_rows(block_rows, info.records), 0, ranks};
  return static_cast<double>(first.own_records());
}

double bytes_of_records(const io::DatasetInfo& info, Index block_rows, int ranks) {
  const double value = info.storage == DenseShard::Storage::float32 ? 4 : 8;
  const auto d = static_cast<double>(info.features);
  const auto rows = static_cast<double>(chosen_block_rows(block_rows, info.records));
  return records_of_root(info, block_rows, ranks) * d * value + 2 * rows * d * 8;
}

void DenseData::require_fitting_sizes(const Info& info, Index components, Index block_rows) {
  if (components > info.records) {
    throw InputError(fmt::format("components = {} (must be at most {}, the number of records in '{}')",
                                 components, info.records, info.name()));
  }
  require_few_blocks(info, block_rows);
}

std::string DenseData::describe(const Info& info, Index block_rows) {
  return describe_records(info, block_rows, "features");
}

MemoryEstimate DenseData::estimate_memory(const Info& info, const FitSettings& settings,
                                          Index statistics_size, int ranks) {
  const double own = records_of_root(info, settings.block_rows, ranks);
  const double data =
      bytes_of_records(info, settings.block_rows, ranks) + own * (settings.weights.empty() ? 0 : 8);
  const double start = own * 8 * static_cast<double>(numbers_given(settings)) +
                       bytes_kept(own, static_cast<double>(info.features),
                                  static_cast<double>(parse_components(settings.components)),
                                  static_cast<double>(chosen_block_rows(settings.block_rows, info.records)));
  return {{"data", data}, {"sums", bytes_of_sums(statistics_size, ranks)}, {"start", start}};
}

std::vector<std::string> DenseData::feature_names(const Info& info) {
  if (!info.feature_names.empty()) return info.feature_names;
  return feature_names_of(Document(), info.features);
}

DenseData::Given DenseData::read_start(const NamedStart& named, Index components, const DenseShard& shard,
                                       const Communicator& comm) {
  const std::string& file = named.file;
  Given given;
  if (named.how == "model") given.model = read_model(file, comm);
  if (named.how == "labels") {
    given.labels = number_labels(io::load_labels(file, shard.partition(), comm), components, file, comm);
  }
  if (named.how == "responsibilities" && !file.empty()) {
    given.responsibilities = io::load_responsibilities(file, shard.partition(), comm);
    const auto columns = comm.max(std::int64_t{given.responsibilities.cols()});
    if (columns != components) {
      throw InputError(fmt::format("'{}' has {} columns (must be {}, the number of components)", file,
                                   columns, components));
    }
  }
  return given;
}

StartRequest DenseData::start_request(const NamedStart& named, const Given& given, Index components,
                                      const DenseShard& shard, const Space& space, const Communicator& comm,
                                      const StartOccasion& occasion) {
  return {.kind = kind_of(named),
          .seed = occasion.seed,
          .components = components,
          .shard = shard,
          .summary = space.summary,
          .comm = comm,
          .labels = given.labels,
          .responsibilities = {given.responsibilities.data(),
                               static_cast<std::size_t>(given.responsibilities.size())},
          .model = given.model ? &*given.model : nullptr,
          .max_iterations = occasion.max_iterations,
          .run = occasion.run,
          .restart = occasion.restart,
          .restarts = occasion.restarts};
}

}  // namespace jensen::app
