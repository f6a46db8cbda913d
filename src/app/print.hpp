#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace jensen::app {

/// Writes to standard output. Throws IoError where that takes nothing.
void print_text(std::string_view text);

/// Likewise, and formats.
template <class... Arguments>
void print_out(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  print_text(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// What was printed has arrived, or IoError.
void flush_print();

}  // namespace jensen::app
