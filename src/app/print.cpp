#include "print.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

int first_failure = 0;  // errno

void note_failure(bool failed) {
  if (failed && first_failure == 0) first_failure = errno;
}

}  // namespace

void print_text(std::string_view text) {
  note_failure(std::fwrite(text.data(), 1, text.size(), stdout) != text.size());
}

void flush_print() {
  note_failure(std::fflush(stdout) != 0);
}

void require_printed() {
  flush_print();
  if (first_failure == 0) return;
  throw IoError(
      fmt::format("cannot write to standard output ({}); hand it to a file or a program that takes it all",
                  std::strerror(first_failure)));
}

}  // namespace jensen::app
