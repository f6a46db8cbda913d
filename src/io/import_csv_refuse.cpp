#include "import_csv_refuse.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jensen/core/error.hpp"

namespace jensen::io::csv {
namespace {

// What is wrong with the cell, what it must be, and what to do.
std::string complaint(const Cell& cell, CellKind kind, bool float32) {
  constexpr auto kLeaveOut = "leave out the record, or the column with --columns";
  const std::string text = shown(cell.text);
  switch (kind) {
    case CellKind::empty:
      return fmt::format("is empty (missing values cannot be used); fill it in, or {}", kLeaveOut);
    case CellKind::missing:
      return fmt::format("holds '{}' (missing values cannot be used); fill it in, or {}", text, kLeaveOut);
    case CellKind::infinite:
      return fmt::format("holds '{}' (must be a finite number); correct it, or {}", text, kLeaveOut);
    case CellKind::too_large:
      return float32 ? fmt::format("holds '{}' (too large for float32, at most 3.4e38); store float64", text)
                     : fmt::format("holds '{}' (too large for float64, at most 1.8e308); rescale it, or {}",
                                   text, kLeaveOut);
    default:
      break;
  }
  const auto comma = cell.text.find(',');
  if (comma != std::string_view::npos) {
    std::string with_point(cell.text);
    with_point[comma] = '.';
    double value = 0;
    if (read_cell<double>(with_point, value) == CellKind::number) {
      return fmt::format(
          "holds '{}' (must be a number with a decimal point, such as '{}'); replace the decimal "
          "commas",
          text, shown(with_point));
    }
  }
  return fmt::format("holds '{}' (must be a number such as -1.5 or 2e-3); correct it, or {}", text,
                     kLeaveOut);
}

}  // namespace

void refuse_quotes(const std::filesystem::path& path, Index line, Split fault, const Record& record) {
  const Cell& cell = record.cells.back();
  const std::string place =
      fmt::format("'{}' line {}, column {}", path.string(), line + cell.line, record.cells.size());
  if (fault == Split::stray_text) {
    throw InputError(
        fmt::format("{} has text behind the closing quote of '{}' (must be the delimiter or the end "
                    "of the line); write a quote within quotes as two",
                    place, shown(cell.text)));
  }
  throw InputError(fmt::format("{} opens a quote that is never closed ('{}'); close it or remove it", place,
                               shown(cell.text)));
}

void refuse_cell_count(const std::filesystem::path& path, Index line, std::size_t found, std::size_t expected,
                       Index first_line, char delimiter) {
  throw InputError(
      fmt::format("'{}' line {} has {} {} (must be {}, as in line {}, with {} as the delimiter); "
                  "correct the line, or name the right delimiter with --delimiter",
                  path.string(), line, found, found == 1 ? "cell" : "cells", expected, first_line,
                  shown_delimiter(delimiter)));
}

void refuse_cell(const std::filesystem::path& path, Index line, const Columns& columns, std::size_t column,
                 const Cell& cell, CellKind kind, bool float32) {
  throw InputError(fmt::format("'{}' line {}, {} {}", path.string(), line + cell.line, columns.title(column),
                               complaint(cell, kind, float32)));
}

void refuse_mixed_first_line(const std::filesystem::path& path, Index line, const Record& first,
                             const std::vector<bool>& counts) {
  const auto first_of = [&](CellKind kind) {
    for (std::size_t column = 0; column < first.cells.size(); ++column) {
      double value = 0;
      if (counts[column] && read_cell(first.cells[column].text, value) == kind) {
        return fmt::format("column {} is '{}'", column + 1, shown(first.cells[column].text));
      }
    }
    return std::string();
  };
  throw InputError(fmt::format(
      "cannot tell whether line {} of '{}' holds names or numbers ({}, {}); say --header yes if it "
      "holds names; if not, say --header no and leave columns of text out with --columns",
      line, path.string(), first_of(CellKind::text), first_of(CellKind::number)));
}

std::string shown_delimiter(char delimiter) {
  if (delimiter == '\t') return "a tab";
  return delimiter == ' ' ? "a space" : fmt::format("'{}'", delimiter);
}

}  // namespace jensen::io::csv
