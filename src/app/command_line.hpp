#pragma once

#include <string>
#include <vector>

#include "jensen/core/options.hpp"

namespace jensen::app {

/// The options of a command in groups, for help and for parsing.
struct OptionGroup {
  std::string title;
  std::vector<Option> options;
};

/// Sets options from arguments, and from the file that the option "config" names where there is one; flags
/// win. Returns the positional arguments. Throws UsageError: an unknown option lists its near misses.
std::vector<std::string> parse_command_line(const std::vector<std::string>& arguments,
                                            const std::vector<OptionGroup>& groups);

/// "  --name K   help ... [default]", wrapped at 100 columns.
std::string help_text(const std::vector<OptionGroup>& groups);

}  // namespace jensen::app
