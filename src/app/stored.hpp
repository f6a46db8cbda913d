#pragma once

#include <fmt/format.h>

#include "jensen/core/document.hpp"
#include "jensen/core/error.hpp"

namespace jensen::app {

/// The number of components in a file that has arrays for so many; throws InputError.
Index stored_components(const Document& document, Index features);

/// Records in a block of the fit, 0 = chosen from N; throws InputError.
Index stored_block_rows(const Document& document);

/// Runs `work`; an Error becomes an InputError that names the file.
template <class Work>
auto naming_file(const Document& document, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, error.what()));
  }
}

}  // namespace jensen::app
