#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "csr_group.hpp"
#include "hdf5_objects.hpp"
#include "hdf5_strings.hpp"
#include "jensen/io/dataset.hpp"
#include "joined_texts.hpp"
#include "numeric_dataset.hpp"

namespace jensen::io {
namespace {

/// The only numeric data set of two dimensions.
std::string default_dataset(const std::string& file) {
  const Handle opened = open_input(file);
  require_all_objects(opened.get(), file);
  const std::vector<Candidate> all = list_datasets(opened.get());
  std::vector<Candidate> usable;
  std::copy_if(all.begin(), all.end(), std::back_inserter(usable),
               [](const auto& candidate) { return candidate.numeric && candidate.shape.size() == 2; });
  if (usable.empty()) {
    if (const auto groups = list_csr_groups(opened.get()); !groups.empty()) {
      throw InputError(fmt::format(
          "'{}' holds no numeric data set of two dimensions, but a corpus, '{}'; it is for models of "
          "documents",
          file, groups.front()));
    }
    throw InputError(
        fmt::format("'{}' has no numeric data set of two dimensions (records x features; one feature is N x "
                    "1); the file holds {}",
                    file, describe(all)));
  }
  if (usable.size() > 1) {
    throw InputError(fmt::format("'{}' has {} data sets that could be meant: {}; name one, as in {}:{}", file,
                                 usable.size(), describe(usable), file, usable.front().path));
  }
  return usable.front().path;
}

std::vector<std::string> read_feature_names(const NumericDataset& dataset, Index features) {
  const char* attribute_name = "feature_names";
  if (H5Aexists(dataset.id(), attribute_name) <= 0) return {};
  const std::string what = fmt::format("the attribute '{}' of '{}'", attribute_name, dataset.name());
  const Handle attribute(
      checked<InputError>(H5Aopen(dataset.id(), attribute_name, H5P_DEFAULT), "read " + what), H5Aclose);
  std::vector<std::string> names = read_string_attribute(attribute.get(), what);
  if (static_cast<Index>(names.size()) != features) {
    throw InputError(fmt::format("{} has {} names (the data set has {} features); remove or correct it", what,
                                 names.size(), features));
  }
  return names;
}

DatasetInfo read_header(const std::string& text) {
  DatasetName name = DatasetName::parse(text);
  if (name.path.empty()) name.path = default_dataset(name.file);
  const NumericDataset dataset(name);
  const auto& shape = dataset.shape();
  if (shape.size() != 2) {
    throw InputError(
        fmt::format("'{}' has shape {} (must have two dimensions, records x features; one feature is N x 1)",
                    name.text(), shape_text(shape)));
  }
  if (shape[0] == 0 || shape[1] == 0) {
    throw InputError(fmt::format("'{}' has shape {} (must have at least one record and one feature)",
                                 name.text(), shape_text(shape)));
  }
  dataset.require_written();
  DatasetInfo info{.file = name.file, .dataset = name.path, .records = shape[0], .features = shape[1]};
  if (dataset.fits_float()) info.storage = DenseShard::Storage::float32;
  info.feature_names = read_feature_names(dataset, info.features);
  return info;
}

}  // namespace

DatasetInfo inspect(const std::string& name, const Communicator& comm) {
  const FileVersion version = version_of(DatasetName::parse(name).file);
  DatasetInfo info;
  comm.on_root([&] { info = read_header(name); });
  info.version = version;
  std::array<std::int64_t, 3> numbers = {info.records, info.features,
                                         info.storage == DenseShard::Storage::float32 ? 1 : 0};
  std::string names = joined(info.feature_names);
  comm.broadcast(std::span<std::int64_t>(numbers));
  comm.broadcast(info.file);
  comm.broadcast(info.dataset);
  comm.broadcast(names);
  info.records = numbers[0];
  info.features = numbers[1];
  info.storage = numbers[2] == 1 ? DenseShard::Storage::float32 : DenseShard::Storage::float64;
  info.feature_names = separated(names);
  return info;
}

}  // namespace jensen::io
