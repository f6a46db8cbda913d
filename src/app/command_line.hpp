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

/// The letter that an option may be given by, as in "-o"; empty where it has none.
std::string short_form(const std::string& option);

/// Sets options from arguments, and from the file that the option "config" names where there is one; flags
/// win. Returns the positional arguments. Throws UsageError: an unknown option lists its near misses.
std::vector<std::string> parse_command_line(const std::vector<std::string>& arguments,
                                            const std::vector<OptionGroup>& groups);

}  // namespace jensen::app
