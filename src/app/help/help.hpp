#pragma once

#include <string>

#include "app/command_list.hpp"

namespace jensen::app::help {

/// What `jensen help` prints.
Page overview();

/// What `jensen COMMAND --help` prints.
Page page_of(const CommandPage& command);

/// "  --name K" or "--flag", and what it means, with its default.
Row option_row(const Option& option);

/// What `jensen help WORDS...` prints: a command, a model, or a topic. Throws UsageError.
std::string help_on(const std::vector<std::string>& words);

/// The man page, for man(7).
std::string man_page();

/// A script that makes bash complete the command lines of jensen.
std::string completion();

}  // namespace jensen::app::help
