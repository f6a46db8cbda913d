#include "import_csv_rows.hpp"

#include "import_csv_number.hpp"
#include "import_csv_refuse.hpp"

namespace jensen::io::csv {

template <class T>
bool RowReader<T>::next(T* row) {
  while (true) {
    if (source_.begin() == source_.end() && source_.at_end()) return false;
    if (const char* after = read_plain(row)) {
      source_.consume_to(after);
      ++line_;
      return true;
    }
    const Split outcome =
        split_record(source_.begin(), source_.end(), source_.at_end(), head_.delimiter, record_);
    switch (outcome) {
      case Split::incomplete:
        source_.read_more(line_);
        break;
      case Split::blank:
        advance();
        break;
      case Split::complete:
        read_cells(row);
        advance();
        return true;
      default:
        refuse_quotes(source_.path(), line_, outcome, record_);
    }
  }
}

// The start of the next record, or nullptr where this one is not plain or not all there. The sentinel behind
// the text stops every loop.
template <class T>
const char* RowReader<T>::read_plain(T* row) const {
  const char* p = source_.begin();
  const char* last = source_.end();
  const char delimiter = head_.delimiter;
  const auto skip_blanks = [&] {
    while (is_blank(*p, delimiter)) ++p;
  };
  const std::vector<Index>& slots = head_.columns.slots;
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (column > 0) {
      if (*p != delimiter) skip_blanks();
      if (*p != delimiter) return nullptr;
      ++p;
    }
    skip_blanks();
    if (slots[column] >= 0) {
      p = read_plain_number(p, last, row[slots[column]]);
      if (p == nullptr) return nullptr;
    } else {
      if (delimiter == ' ' && is_line_end(p)) return nullptr;
      while (*p != delimiter && *p != '\n' && *p != '"' && *p != '\t') ++p;
    }
  }
  skip_blanks();
  if (*p == '\r') ++p;
  if (*p != '\n') return nullptr;
  if (p < last) return p + 1;
  return source_.at_end() ? last : nullptr;
}

template <class T>
void RowReader<T>::read_cells(T* row) const {
  const Columns& columns = head_.columns;
  const auto& cells = record_.cells;
  if (cells.size() != columns.slots.size()) {
    refuse_cell_count(source_.path(), line_, cells.size(), columns.slots.size(), head_.first_line,
                      head_.delimiter);
  }
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (columns.slots[column] < 0) continue;
    std::string_view text = cells[column].text;
    if (cells[column].quoted) {
      while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    }
    const CellKind kind = read_cell(text, row[columns.slots[column]]);
    if (kind != CellKind::number) {
      refuse_cell(source_.path(), line_, columns, column, cells[column], kind, sizeof(T) == sizeof(float));
    }
  }
}

template <class T>
void RowReader<T>::advance() {
  source_.consume_to(record_.next);
  line_ += record_.lines;
}

template class RowReader<double>;
template class RowReader<float>;

}  // namespace jensen::io::csv
