#pragma once

#include <string>

#include "registry.hpp"

namespace jensen::app {

/// The lines on where a model file comes from: program, model, data, options. Throws InputError where it does
/// not say.
std::string describe_origin(const Document& document, const RegisteredModel& model);

}  // namespace jensen::app
