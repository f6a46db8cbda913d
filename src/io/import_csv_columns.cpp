#include "import_csv_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>
#include <optional>
#include <utility>

#include "import_csv_split.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io::csv {
namespace {

std::optional<std::size_t> column_number(const std::string& text, std::size_t count) {
  std::size_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || number < 1 || number > count) return std::nullopt;
  return number - 1;
}

int lower(char c) {
  return std::tolower(static_cast<unsigned char>(c));
}

// Insertions, deletions and substitutions that turn one into the other (Levenshtein 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

// "'a' or 'b'", the nearest first; empty where none is near.
std::string near_names(const std::string& wanted, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const auto& name : names) {
    const std::size_t distance = edit_distance(wanted, name);
    if (2 * distance <= std::max<std::size_t>(wanted.size(), 2)) near.emplace_back(distance, name);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(near.size(), kMost); ++i) {
    text += fmt::format("{}'{}'", i == 0 ? "" : " or ", shown(near[i].second));
  }
  return text;
}

[[noreturn]] void refuse_unknown(const std::filesystem::path& path, const std::string& wanted,
                                 std::size_t count, const std::vector<std::string>& names) {
  if (names.empty()) {
    throw InputError(
        fmt::format("no column '{}' in '{}' (it has {} columns and no names for them); name columns by "
                    "number, 1 to {}",
                    shown(wanted), path.string(), count, count));
  }
  std::string which = fmt::format("name one of its {} columns as its header line does, or by number", count);
  const std::string near = near_names(wanted, names);
  if (!near.empty()) which = fmt::format("did you mean {}?", near);
  throw InputError(fmt::format("no column '{}' in '{}'; {}", shown(wanted), path.string(), which));
}

std::size_t find_column(const std::filesystem::path& path, const std::string& wanted, std::size_t count,
                        const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) {
    const auto number = column_number(wanted, count);
    if (!number) refuse_unknown(path, wanted, count, names);
    return *number;
  }
  const auto again = std::find(found + 1, names.end(), wanted);
  if (again != names.end()) {
    throw InputError(
        fmt::format("columns {} and {} of '{}' are both named '{}'; name the one you want by number",
                    found - names.begin() + 1, again - names.begin() + 1, path.string(), shown(wanted)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

// Well-formed by the Unicode standard, table 3-7, and without NUL, which would end the text in HDF5.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t k) {
      return k < text.size() ? static_cast<unsigned char>(text[k]) : static_cast<unsigned char>(0);
    };
    const unsigned char lead = byte(i);
    if (lead == 0) return false;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4 || byte(i + 1) < low || byte(i + 1) > high) return false;
    for (std::size_t k = i + 2; k < i + length; ++k) {
      if ((byte(k) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace

std::vector<std::string> Columns::feature_names() const {
  if (names.empty()) return {};
  std::vector<std::string> kept(static_cast<std::size_t>(features));
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] >= 0) kept[static_cast<std::size_t>(slots[column])] = names[column];
  }
  return kept;
}

std::string Columns::title(std::size_t column) const {
  if (names.empty()) return fmt::format("column {}", column + 1);
  return fmt::format("column {} ('{}')", column + 1, shown(names[column]));
}

bool wants_names(const std::vector<std::string>& wanted, std::size_t count) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& text) { return !column_number(text, count); });
}

Columns choose_columns(const std::filesystem::path& path, const std::vector<std::string>& wanted,
                       std::size_t count, std::vector<std::string> names) {
  Columns columns{.names = std::move(names), .slots = std::vector<Index>(count, -1)};
  for (std::size_t i = 0; i < (wanted.empty() ? count : wanted.size()); ++i) {
    const std::size_t column = wanted.empty() ? i : find_column(path, wanted[i], count, columns.names);
    if (columns.slots[column] >= 0) {
      throw InputError(fmt::format("{} of '{}' is wanted twice; name each column once", columns.title(column),
                                   path.string()));
    }
    columns.slots[column] = columns.features++;
    if (!columns.names.empty() && !is_utf8(columns.names[column])) {
      throw InputError(
          fmt::format("the name of column {} of '{}' is not UTF-8 text; convert the file, as with 'iconv -f "
                      "latin1 -t utf-8', or skip its header line with --header no",
                      column + 1, path.string()));
    }
  }
  return columns;
}

}  // namespace jensen::io::csv
