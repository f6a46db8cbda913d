#include "import_csv_guess.hpp"

#include <algorithm>
#include <string>

#include "import_csv_number.hpp"

namespace jensen::io::csv {
namespace {

bool is_number(std::string_view cell) {
  double value = 0;
  return read_cell(cell, value) == CellKind::number;
}

// Also with a decimal comma: such a table is better refused for its commas than cut at them.
bool is_number_anywhere(std::string_view cell, char delimiter) {
  if (is_number(cell)) return true;
  const auto comma = cell.find(',');
  if (delimiter == ',' || comma == std::string_view::npos) return false;
  std::string with_point(cell);
  with_point[comma] = '.';
  return is_number(with_point);
}

struct Score {
  Index records = 0, cut = 0, cells = 0, numbers = 0;

  bool cuts() const { return cut > 0 && 2 * cut >= records; }
  bool better_than(const Score& other) const { return numbers * other.cells > other.numbers * cells; }
};

Score score_of(std::string_view sample, bool whole, char delimiter) {
  constexpr Index kRecords = 20;
  Score score;
  Record record;
  const char* next = sample.data();
  const char* last = sample.data() + sample.size();
  for (Index taken = 0; next < last && taken < kRecords;) {
    Split outcome = split_record(next, last, whole, delimiter, record);
    if (outcome == Split::incomplete && taken == 0) {
      outcome = split_record(next, last, true, delimiter, record);
    }
    if (outcome != Split::complete && outcome != Split::blank) break;
    next = record.next;
    if (outcome == Split::blank) continue;
    if (++taken == 2) score.records = score.cut = 0;  // a line of names above is no evidence of the cut
    ++score.records;
    if (record.cells.size() > 1) ++score.cut;
    score.cells += static_cast<Index>(record.cells.size());
    score.numbers += std::count_if(record.cells.begin(), record.cells.end(), [&](const Cell& cell) {
      return is_number_anywhere(cell.text, delimiter);
    });
  }
  return score;
}

struct CellCounts {
  CellCounts(const Record& record, const std::vector<bool>& counts) {
    const std::size_t columns = std::min(record.cells.size(), counts.size());
    for (std::size_t column = 0; column < columns; ++column) {
      const Cell& cell = record.cells[column];
      double value = 0;
      const CellKind kind = read_cell(cell.text, value);
      if (!counts[column] || kind == CellKind::empty) continue;
      ++filled;
      if (cell.quoted) ++quoted;
      if (kind == CellKind::text) ++text;
      if (kind == CellKind::number || kind == CellKind::too_large) ++numbers;
    }
  }

  Index filled = 0, quoted = 0, text = 0, numbers = 0;
};

}  // namespace

char guess_delimiter(std::string_view sample, bool whole) {
  char best = ',';
  Score best_score;
  bool tab_cuts = false;
  for (const char candidate : {',', ';', '\t', '|', ' '}) {
    if (candidate == ' ' && tab_cuts) continue;  // runs of blanks would hide the empty cells between tabs
    const Score score = score_of(sample, whole, candidate);
    if (candidate == '\t') tab_cuts = score.cuts();
    if (score.cuts() && (!best_score.cuts() || score.better_than(best_score))) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

FirstLine judge_first_line(const Record& first, const Record* second, const std::vector<bool>& counts) {
  const CellCounts above(first, counts);
  if (above.filled > 0 && above.quoted == above.filled && second != nullptr) {
    const CellCounts below(*second, counts);
    if (below.quoted == 0 && below.numbers > 0) return FirstLine::names;
  }
  if (above.text == 0) return FirstLine::numbers;
  return above.numbers == 0 ? FirstLine::names : FirstLine::mixed;
}

}  // namespace jensen::io::csv
