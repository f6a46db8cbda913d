#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <span>

#include "compare.hpp"
#include "jensen/core/divergence.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/table.hpp"

namespace jensen::app {
namespace {

/// Whether "table:" is followed by a file.
bool names_file(const std::string& text) {
  return text.find(":/") != std::string::npos || text.ends_with(".h5");
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    double number = 0;
    const auto [rest, error] = std::from_chars(text.data() + begin, text.data() + end, number);
    if (error != std::errc() || rest != text.data() + end) {
      throw UsageError(fmt::format(
          "'{}{}' holds '{}' (must be numbers parted by commas, as in table:.7,.3, or a data set, "
          "table:FILE.h5:/dataset)",
          kTablePrefix, text, text.substr(begin, end - begin)));
    }
    numbers.push_back(number);
    begin = end + 1;
  }
  return numbers;
}

std::vector<double> read(const std::string& argument, const Communicator& comm) {
  const std::string text = argument.substr(std::string(kTablePrefix).size());
  if (!names_file(text)) return numbers_of(text);
  std::vector<double> values;
  comm.agree([&] { values = io::read_table(text); });
  return values;
}

std::string describe(const std::string& argument, const std::vector<double>& table) {
  constexpr std::size_t kShown = 6;
  const std::span shown(table.data(), std::min(kShown, table.size()));
  return fmt::format("{:.4g}{}{}: {} outcomes", fmt::join(shown, ", "),
                     shown.size() < table.size() ? ", ..." : "",
                     names_file(argument) ? fmt::format(" ({})", argument) : "", table.size());
}

}  // namespace

Comparison compare_tables(const std::string& p, const std::string& q, const Unit& unit,
                          const Communicator& comm) {
  const std::vector<double> p_table = read(p, comm), q_table = read(q, comm);
  const std::span<const double> first = p_table, second = q_table;
  const DivergenceRow exact{
      .key = "closed_form",
      .label = "closed form",
      .kind = "exact",
      .values = {kl_divergence(first, second), kl_divergence(second, first),
                 symmetrised_divergence(first, second), jensen_shannon_divergence(first, second)}};
  Comparison comparison;
  comparison.json = {{"p", p}, {"q", q}, {"outcomes", p_table.size()}, {"units", unit.name}};
  comparison.line("p", describe(p, p_table));
  comparison.line("q", describe(q, q_table));
  add_divergences({exact}, unit, comparison);
  return comparison;
}

}  // namespace jensen::app
