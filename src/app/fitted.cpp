#include "fitted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jensen::app {

Transform stored_transform(const Document& document) {
  const Transform transform{document.vector("/preprocess/shift"), document.vector("/preprocess/scale")};
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

Index stored_components(const Document& document, Index features) {
  const Index components = document.integer_attribute("/fit", "components");
  const State state = stored_state(document);
  if (state.numbers.empty()) throw InputError("it holds no saved state of the model, '/state'");
  Index most = 0;  // numbers in an array of the state; that of the positions has K x D
  for (const auto& [name, values] : state.numbers) most = std::max(most, static_cast<Index>(values.size()));
  if (components >= 1 && components <= most / features) return components;
  throw InputError(fmt::format(
      "attribute 'components' on '/fit' is {} (must be 1 to {}, for the saved state of the model)",
      components, most / features));
}

Index stored_block_rows(const Document& document) {
  const Index block_rows = document.integer_attribute("/config", "block-rows");
  if (block_rows >= 0) return block_rows;
  throw InputError(fmt::format("block-rows = {} in '/config' (must be 0 or more)", block_rows));
}

io::LoadedData load_for(const Document& document, const Transform& transform, const std::string& input,
                        const std::string& weights, const Communicator& comm) {
  const io::DatasetInfo info = io::inspect(input, comm);
  if (info.features != transform.features()) {
    throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                 info.name(), info.features, transform.features(), document.origin));
  }
  // Blocks as in the fit, so that records of the training data get the same bits.
  Index block_rows = naming_file(document, [&] { return stored_block_rows(document); });
  if (block_rows > 0) block_rows = std::max(block_rows, (info.records + kMostBlocks - 1) / kMostBlocks);
  io::LoadedData data = io::load(info, {.weights = weights, .block_rows = block_rows}, comm);
  data.shard = data.shard.with_transform(transform);
  return data;
}

}  // namespace jensen::app
