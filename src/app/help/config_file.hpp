#pragma once

#include <string>

namespace jensen::app::help {

/// A config file of `jensen fit` for a model: every key with what it means and its default. Keys that name a
/// file, or have no default, stand behind a '#'. Throws UsageError where there is no such model.
std::string config_file(const std::string& model);

}  // namespace jensen::app::help
