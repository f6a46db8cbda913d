#pragma once

#include <nlohmann/json_fwd.hpp>

#include "jensen/core/document.hpp"

namespace jensen::app {

/// What `--json` prints: members stay in the order in which they are set.
using Json = nlohmann::ordered_json;

/// Prints the object on standard output, numbers so that they read back to the same bits. Bytes of file names
/// that are no UTF-8 are replaced.
void print_json(const Json& object);

/// Attributes and arrays of a document, arrays as nested lists; those below "/state" are left out.
Json to_json(const Document& document);

/// The attributes of one path of a document, by name.
Json attributes_json(const Document& document, const std::string& path);

}  // namespace jensen::app
