#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io::csv {

/// Whether a character around a cell means nothing.
inline bool is_blank(char c, char delimiter) {
  return c == ' ' || (c == '\t' && delimiter != '\t');
}

/// Whether a line ends at `p`. Precondition: a '\n' follows the text that `p` points into.
inline bool is_line_end(const char* p) {
  return *p == '\n' || (*p == '\r' && p[1] == '\n');
}

/// A cell in the buffer, without its quotes and without blanks around it.
struct Cell {
  std::string_view text = {};
  bool quoted = false;
  Index line = 0;  // physical lines below the first of its record
};

/// One record cut into cells; used again for the next, so that nothing is allocated for each.
struct Record {
  std::vector<Cell> cells = {};
  const char* next = nullptr;  // start of the next record
  Index lines = 0;             // physical lines it takes
};

enum class Split {
  complete,
  blank,          // a line without anything; `next` and `lines` are set
  incomplete,     // the text ends before the record does
  stray_text,     // text after a closing quote, in the last of `cells`
  unclosed_quote  // the input ends within quotes, in the last of `cells`
};

/// Cuts the record at `first` into cells.
///
/// @pre *last == '\n', a sentinel which is not part of the text unless the input ends there without one
Split split_record(const char* first, const char* last, bool at_end, char delimiter, Record& record);

/// The text of a cell with doubled quotes made single.
std::string unquoted(const Cell& cell);

/// A cell's text for an error sentence: shortened, control characters escaped.
std::string shown(std::string_view text);

}  // namespace jensen::io::csv
