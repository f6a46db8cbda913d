#include "import_csv_split.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jensen::io::csv {
namespace {

class Splitter {
 public:
  Splitter(const char* first, const char* last, char delimiter, Record& record)
      : p_(first), last_(last), delimiter_(delimiter), record_(record) {}

  Split split(bool at_end) {
    record_.cells.clear();
    const Split outcome = cells();
    if (p_ >= last_ && !at_end) return Split::incomplete;
    if (outcome != Split::complete) return outcome;
    record_.next = std::min(p_ + 1, last_);
    record_.lines = line_ + 1;
    const Cell& first = record_.cells.front();
    const bool blank = record_.cells.size() == 1 && first.text.empty() && !first.quoted;
    return blank ? Split::blank : Split::complete;
  }

 private:
  Split cells() {
    skip_blanks();
    while (true) {
      if (*p_ != '"') {
        plain_cell();
      } else if (!quoted_cell()) {
        return Split::unclosed_quote;
      }
      const char* end = p_;
      skip_blanks();
      if (is_line_end(p_)) {
        if (*p_ == '\r') ++p_;
        return Split::complete;
      }
      if (delimiter_ == ' ' ? p_ == end : *p_ != delimiter_) return Split::stray_text;
      if (delimiter_ != ' ') ++p_;
      skip_blanks();
    }
  }

  void plain_cell() {
    const char* begin = p_;
    while (*p_ != delimiter_ && *p_ != '\n' && !(delimiter_ == ' ' && *p_ == '\t')) ++p_;
    if (*p_ == '\n' && p_ > begin && p_[-1] == '\r') --p_;
    const char* end = p_;
    while (end > begin && is_blank(end[-1], delimiter_)) --end;
    add(begin, end, false, line_);
  }

  bool quoted_cell() {
    const Index line = line_;
    const char* begin = ++p_;
    while (p_ < last_ && (*p_ != '"' || p_[1] == '"')) {
      if (*p_ == '"') ++p_;
      if (*p_ == '\n') ++line_;
      ++p_;
    }
    add(begin, std::min(p_, last_), true, line);
    if (p_ >= last_) return false;
    ++p_;
    return true;
  }

  void add(const char* begin, const char* end, bool quoted, Index line) {
    record_.cells.push_back({std::string_view(begin, static_cast<std::size_t>(end - begin)), quoted, line});
  }

  void skip_blanks() {
    while (is_blank(*p_, delimiter_)) ++p_;
  }

  const char* p_;
  const char* last_;
  char delimiter_;
  Record& record_;
  Index line_ = 0;
};

}  // namespace

Split split_record(const char* first, const char* last, bool at_end, char delimiter, Record& record) {
  return Splitter(first, last, delimiter, record).split(at_end);
}

std::string unquoted(const Cell& cell) {
  std::string text;
  text.reserve(cell.text.size());
  for (std::size_t i = 0; i < cell.text.size(); ++i) {
    text += cell.text[i];
    if (cell.quoted && cell.text[i] == '"') ++i;
  }
  return text;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::size_t size = std::min(text.size(), kMost);
  while (size > 0 && size < text.size() && (text[size] & '\xC0') == '\x80') --size;  // within a character
  std::string result;
  for (const char c : text.substr(0, size)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return size < text.size() ? result + "..." : result;
}

}  // namespace jensen::io::csv
