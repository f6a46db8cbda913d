#include "print.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

[[noreturn]] void throw_unwritten() {
  throw IoError(
      fmt::format("cannot write to standard output ({}); hand it to a file or a program that takes it all",
                  std::strerror(errno)));
}

}  // namespace

void print_text(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw_unwritten();
}

void flush_print() {
  if (std::fflush(stdout) != 0) throw_unwritten();
}

}  // namespace jensen::app
