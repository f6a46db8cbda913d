#include "jensen/core/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

template <class T>
bool parse_whole(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

void parse_option(const std::string& name, const std::string& text, double& value) {
  if (!parse_whole(text, value) || !std::isfinite(value)) {
    throw UsageError(fmt::format("{} = '{}' (must be a number)", name, text));
  }
}

void parse_option(const std::string& name, const std::string& text, Index& value) {
  if (parse_whole(text, value)) return;
  double number = 0;  // 1e6 is an integer too
  if (parse_whole(text, number) && std::floor(number) == number && std::abs(number) < 0x1p53) {
    value = static_cast<Index>(number);
    return;
  }
  throw UsageError(fmt::format("{} = '{}' (must be an integer)", name, text));
}

void parse_option(const std::string& name, const std::string& text, bool& value) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") {
    value = true;
  } else if (text == "false" || text == "no" || text == "off" || text == "0") {
    value = false;
  } else {
    throw UsageError(fmt::format("{} = '{}' (must be true or false)", name, text));
  }
}

void parse_option(const std::string&, const std::string& text, std::string& value) {
  value = text;
}

bool Option::is_recorded() const {
  return !hidden() || to_text(get()) != default_text;
}

std::string to_text(const Document::Scalar& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  return std::get<std::string>(value);
}

std::vector<std::string> near_misses(std::string_view typed, const std::vector<std::string>& known) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(typed, name);
    const bool begins = typed.size() >= 3 && name.starts_with(typed);
    if (begins || distance <= 1 + std::max(typed.size(), name.size()) / 4)
      ranked.emplace_back(begins ? 0 : distance, name);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) names.push_back(ranked[i].second);
  return names;
}

}  // namespace jensen
