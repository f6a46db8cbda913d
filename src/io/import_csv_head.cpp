#include "import_csv_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "import_csv_guess.hpp"
#include "import_csv_refuse.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io::csv {
namespace {

using Header = CsvOptions::Header;

void skip_signature(Source& source) {
  using namespace std::string_view_literals;
  const std::string_view text(source.begin(), static_cast<std::size_t>(source.end() - source.begin()));
  const auto refuse = [&](const char* what, const char* remedy) {
    throw InputError(
        fmt::format("'{}' is {} (must be plain text); {}", source.path().string(), what, remedy));
  };
  if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) {
    refuse("UTF-16 text", "convert it with 'iconv -f utf-16 -t utf-8'");
  }
  if (text.starts_with("\x1F\x8B"sv)) refuse("compressed", "uncompress it with 'gunzip'");
  if (text.starts_with("PK\x03\x04"sv))
    refuse("a zip archive", "unpack it and import a table or array of it");
  if (text.starts_with("\x89HDF"sv)) refuse("an HDF5 file", "use it without importing");
  if (text.starts_with("\xEF\xBB\xBF"sv)) source.consume_to(source.begin() + 3);
}

char checked_delimiter(const std::string& text) {
  const auto c = static_cast<unsigned char>(text.front());
  const bool usable = text.size() == 1 && c < 0x80 && !std::isalnum(c) && (c == '\t' || std::isprint(c)) &&
                      std::string_view("\"+-.").find(text.front()) == std::string_view::npos;
  if (!usable) {
    throw UsageError(
        fmt::format("delimiter = '{}' (must be one character that no number or quoted cell has, "
                    "such as ',' ';' '|', a tab or a space)",
                    shown(text)));
  }
  return text.front();
}

// The first two records, not consumed; views into the source.
struct Opening {
  std::array<Record, 2> records = {};
  std::size_t found = 0;
  const char* start = nullptr;  // of the first
  Index line = 1;               // of the first
};

// False: the text that was read does not hold them yet. `line` becomes the line that was reached.
bool find_opening(const Source& source, char delimiter, Opening& opening, Index& line) {
  opening.found = 0;
  line = 1;
  const char* next = source.begin();
  while (opening.found < opening.records.size() && !(next == source.end() && source.at_end())) {
    Record& record = opening.records[opening.found];
    const Split outcome = split_record(next, source.end(), source.at_end(), delimiter, record);
    if (outcome == Split::incomplete) return false;
    if (outcome != Split::blank && outcome != Split::complete) {
      if (opening.found == 0) refuse_quotes(source.path(), line, outcome, record);
      return true;
    }
    if (outcome == Split::complete && opening.found++ == 0) {
      opening.start = next;
      opening.line = line;
    }
    next = record.next;
    line += record.lines;
  }
  return true;
}

bool first_line_has_names(const Source& source, const CsvOptions& options, const Opening& opening) {
  if (options.header != Header::automatic) return options.header == Header::yes;
  const Record& first = opening.records[0];
  if (wants_names(options.columns, first.cells.size())) return true;
  std::vector<bool> counts(first.cells.size(), options.columns.empty());
  for (const auto& column : options.columns) counts[std::stoul(column) - 1] = true;
  const Record* second = opening.found > 1 ? &opening.records[1] : nullptr;
  const FirstLine judged = judge_first_line(first, second, counts);
  if (judged == FirstLine::mixed) refuse_mixed_first_line(source.path(), opening.line, first, counts);
  return judged == FirstLine::names;
}

}  // namespace

Head read_head(Source& source, const CsvOptions& options) {
  Head head;
  if (!options.delimiter.empty()) head.delimiter = checked_delimiter(options.delimiter);
  const auto wanted = static_cast<std::ptrdiff_t>(source.limits().sample_bytes);
  while (source.end() - source.begin() < wanted && !source.at_end()) source.read_more(1);
  skip_signature(source);
  if (options.delimiter.empty()) {
    const auto size = static_cast<std::size_t>(source.end() - source.begin());
    head.delimiter = guess_delimiter({source.begin(), size}, source.at_end());
  }
  Opening opening;
  for (Index line = 1; !find_opening(source, head.delimiter, opening, line);) source.read_more(line);
  if (opening.found == 0) {
    throw InputError(fmt::format("'{}' {} (must hold at least one record)", source.path().string(),
                                 source.bytes_read() == 0 ? "is empty" : "holds nothing but blank lines"));
  }
  const Record& first = opening.records[0];
  head.has_names = first_line_has_names(source, options, opening);
  head.first_line = opening.line;
  head.next_line = opening.line + (head.has_names ? first.lines : 0);
  std::vector<std::string> names;
  for (const Cell& cell : first.cells) {
    if (head.has_names) names.push_back(unquoted(cell));
  }
  head.columns = choose_columns(source.path(), options.columns, first.cells.size(), std::move(names));
  source.consume_to(head.has_names ? first.next : opening.start);
  return head;
}

}  // namespace jensen::io::csv
