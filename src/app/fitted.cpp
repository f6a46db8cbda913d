#include "fitted.hpp"

#include <fmt/format.h>

namespace jensen::app {

io::LoadedData load_for(const Document& document, const Transform& transform, const std::string& input,
                        const std::string& weights, const Communicator& comm) {
  const io::DatasetInfo info = io::inspect(input, comm);
  if (info.features != transform.features()) {
    throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                 info.name(), info.features, transform.features(), document.origin));
  }
  // Blocks as in the fit, so that records of the training data get the same bits.
  const Index block_rows = document.integer_attribute("/config", "block-rows");
  io::LoadedData data = io::load(info, {.weights = weights, .block_rows = block_rows}, comm);
  data.shard = data.shard.with_transform(transform);
  return data;
}

}  // namespace jensen::app
