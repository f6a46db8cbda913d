#pragma once

#include <string>

#include "jensen/core/document.hpp"

namespace jensen::app {

/// Whether a model file compares its posterior with normals, which `fit advi --bernstein-von-mises` writes.
bool has_bernstein_von_mises(const Document& document);

/// The comparison as a table, the theorem's conditions, and a verdict. Throws InputError where the arrays are
/// not as a fit writes them.
std::string bernstein_von_mises_report(const Document& document);

}  // namespace jensen::app
