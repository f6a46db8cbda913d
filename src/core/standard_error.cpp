#include "jensen/core/standard_error.hpp"

#include <cstdio>

namespace jensen {

void print_error(std::string_view text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
  static_cast<void>(written);
  std::fflush(stderr);
}

}  // namespace jensen
