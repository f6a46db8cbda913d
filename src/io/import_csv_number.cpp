#include "import_csv_number.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

namespace jensen::io::csv {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a number beyond the range of its type is too large rather than too small, by the decimal place of
// its first digit that is not zero. Precondition: `text` has the grammar of std::from_chars.
bool is_large(std::string_view text) {
  std::int64_t place = 0;  // 1 for 1...9, 0 for 0.1...0.9
  bool leading = false, point = false;
  std::size_t i = text.front() == '-' ? 1 : 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    leading = leading || text[i] != '0';
    if (leading && !point) ++place;
    if (!leading && point) --place;
  }
  std::int64_t exponent = 0;
  if (i < text.size()) {
    const char* first = text.data() + i + 1;
    if (*first == '+') ++first;
    const auto parsed = std::from_chars(first, text.data() + text.size(), exponent);
    if (parsed.ec != std::errc{}) return *first != '-';
  }
  return exponent > -place;
}

bool is_word(std::string_view cell, std::initializer_list<std::string_view> words) {
  std::string lower(cell);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(words.begin(), words.end(), lower) != words.end();
}

CellKind kind_of_text(std::string_view cell) {
  constexpr std::size_t kLongestWord = 8;
  if (cell.size() > kLongestWord + 1) return CellKind::text;
  if (is_word(cell, {"na", "nan", "n/a", "null", "none"})) return CellKind::missing;
  if (cell.front() == '+' || cell.front() == '-') cell.remove_prefix(1);
  if (is_word(cell, {"nan"})) return CellKind::missing;
  return is_word(cell, {"inf", "infinity"}) ? CellKind::infinite : CellKind::text;
}

}  // namespace

template <class T>
CellKind read_cell(std::string_view cell, T& value) {
  if (cell.empty()) return CellKind::empty;
  std::string_view digits = cell;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value);
  if (end != last || error == std::errc::invalid_argument) return kind_of_text(cell);
  if (error == std::errc::result_out_of_range) {
    if (is_large(digits)) return CellKind::too_large;
    value = digits.front() == '-' ? T(-0.0) : T(0);
    return CellKind::number;
  }
  return std::isfinite(value) ? CellKind::number : kind_of_text(cell);
}

template CellKind read_cell<double>(std::string_view, double&);
template CellKind read_cell<float>(std::string_view, float&);

}  // namespace jensen::io::csv
