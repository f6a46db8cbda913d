#pragma once

#include <string>

#include "jensen/core/document.hpp"

namespace jensen::app {

/// Says where results come from: from the model alone, or from these data too.
Document results_header(const Document& model);
Document results_header(const Document& model, const std::string& input);

}  // namespace jensen::app
