#include "stored.hpp"

#include <algorithm>

#include "jensen/fit/archive.hpp"

namespace jensen::app {

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

}  // namespace jensen::app
