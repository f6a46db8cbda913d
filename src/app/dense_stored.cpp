#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dense_data.hpp"
#include "stored.hpp"

namespace jensen::app {
namespace {

/// The internal coordinates of a file; throws InputError where these are none.
Transform stored_transform(const Document& document) {
  Transform transform{document.vector("/preprocess/shift"), document.vector("/preprocess/scale")};
  const Index features = transform.shift.size();
  if (features < 1 || transform.scale.size() != features) {
    throw InputError(fmt::format(
        "'/preprocess/shift' and '/preprocess/scale' have {} and {} values (must have one for each "
        "feature)",
        features, transform.scale.size()));
  }
  if (!transform.shift.allFinite())
    throw InputError("'/preprocess/shift' is not finite everywhere (must be)");
  for (const double scale : transform.scale) {
    if (scale > 0 && std::isfinite(scale)) continue;
    throw InputError(fmt::format("'/preprocess/scale' holds {} (must be positive and finite)", scale));
  }
  return transform;
}

}  // namespace

void DenseData::require_schema(const Document& document) {
  for (const char* name : {"records", "features"}) document.integer_attribute("/data", name);
  for (const char* path : {"/preprocess/shift", "/preprocess/scale"}) document.vector(path);
  document.array("/data/feature_names");
}

std::string DenseData::stored_sizes(const Document& document) {
  return fmt::format("{} records x {} features", document.integer_attribute("/data", "records"),
                     document.integer_attribute("/data", "features"));
}

void DenseData::require_stored(const Document& document) {
  const Index records = document.integer_attribute("/data", "records");
  const Index features = document.integer_attribute("/data", "features");
  const Index named = document.array("/data/feature_names").size();
  const Index transformed = stored_transform(document).features();
  if (records < 1 || features != transformed || features != named) {
    throw InputError(fmt::format(
        "{} records of {} features, {} names of features and a transform of {} (must be at least 1 "
        "record, and as many of each)",
        records, features, named, transformed));
  }
}

DenseData::Space DenseData::stored_space(const Document& document) {
  Transform transform = stored_transform(document);
  return {unit_summary(transform.features()), std::move(transform)};
}

io::LoadedData DenseData::load_for(const Document& document, const Space& space, const std::string& input,
                                   const std::string& weights, const Communicator& comm) {
  const io::DatasetInfo info = io::inspect(input, comm);
  if (info.features != space.features()) {
    throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                 info.name(), info.features, space.features(), document.origin));
  }
  // Blocks as in the fit, so that records of the training data get the same bits.
  Index block_rows = naming_file(document, [&] { return stored_block_rows(document); });
  if (block_rows > 0) block_rows = std::max(block_rows, (info.records + kMostBlocks - 1) / kMostBlocks);
  io::LoadedData data = io::load(info, {.weights = weights, .block_rows = block_rows}, comm);
  data.shard = data.shard.with_transform(space.transform);
  return data;
}

}  // namespace jensen::app
