#pragma once

#include <string_view>

namespace jensen {

/// Writes to standard error. Where that takes nothing (a full disk, a terminal that has gone) nothing is
/// said: no fit ends for want of a reader.
void print_error(std::string_view text);

}  // namespace jensen
