#include "report.hpp"

#include <fmt/format.h>

#include <numbers>

#include "app/report.hpp"

namespace jensen::app {
namespace {

constexpr std::array kKeys = {"kl", "reverse_kl", "symmetrised", "jensen_shannon"};

bool is_empty(const DivergenceValues& values) {
  return values == DivergenceValues();
}

std::vector<std::string> cells(const std::string& label, const std::string& kind,
                               const DivergenceValues& values, const Unit& unit, const char* format) {
  std::vector<std::string> row = {label, kind};
  for (const auto& value : values)
    row.push_back(value ? fmt::format(fmt::runtime(format), unit.of(*value)) : "-");
  return row;
}

Json numbers(const DivergenceValues& values, const Unit& unit) {
  Json json = Json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) json[kKeys[i]] = json_number(unit.of(*values[i]));
  }
  return json;
}

}  // namespace

void Comparison::line(const std::string& label, const std::string& words) {
  text += fmt::format("{:<24}{}\n", label, words);
}

void add_divergences(const std::vector<DivergenceRow>& rows, const Unit& unit, Comparison& comparison) {
  Table table{{unit.name, "", "KL(p || q)", "KL(q || p)", "symmetrised", "Jensen-Shannon"}, {}};
  for (const DivergenceRow& row : rows) {
    table.rows.push_back(
        cells(row.label, row.kind, row.values, unit, row.kind == "exact" ? "{:.9g}" : "{:.6g}"));
    Json json = numbers(row.values, unit);
    json["kind"] = row.kind;
    if (!is_empty(row.standard_errors)) {
      table.rows.push_back(cells("  standard error", "", row.standard_errors, unit, "{:.2g}"));
      json["standard_error"] = numbers(row.standard_errors, unit);
    }
    comparison.json[row.key].update(json);
  }
  comparison.text += "\n" + render(table) + "\n";
  comparison.line("symmetrised", "KL(p || q) + KL(q || p) (Jeffreys)");
  comparison.line("Jensen-Shannon",
                  fmt::format("half of KL(p || m) + KL(q || m), m = (p + q) / 2; at most {:.4g}",
                              unit.of(std::numbers::ln2)));
}

}  // namespace jensen::app
