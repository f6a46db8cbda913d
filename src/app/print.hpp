#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace jensen::app {

/// Writes to standard output. Where that takes nothing the text is lost, and `require_printed` says so: no
/// fit ends before its time because of it.
void print_text(std::string_view text);

/// Likewise, and formats.
template <class... Arguments>
void print_out(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  print_text(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// Hands on what has been printed, before a sentence on standard error or a long silence.
void flush_print();

/// Throws IoError where something that was printed has not arrived.
void require_printed();

}  // namespace jensen::app
