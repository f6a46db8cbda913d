#include "sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/report.hpp"
#include "jensen/core/error.hpp"

namespace jensen::app::plot {

bool add_section(Element& page, const std::string& title, const std::function<void(Element&)>& fill) {
  Element section("section");
  section.add("h2", title);
  try {
    fill(section);
    page.add(std::move(section));
    return true;
  } catch (const InputError& error) {
    Element& instead = page.add("section");
    instead.add("h2", title);
    instead.add("p", fmt::format("Not shown: {}.", error.what())).set("class", "absent");
    return false;
  }
}

void add_figure(Element& section, Element svg, const std::string& caption) {
  Element& figure = section.add("figure");
  figure.add(std::move(svg));
  figure.add("figcaption", caption);
}

void add_table(Element& section, const Table& table, std::size_t most_rows, std::size_t most_columns) {
  const std::size_t rows = std::min(most_rows, table.rows.size());
  const std::size_t columns = std::min(most_columns, table.header.size());
  Element& element = section.add("div").set("class", "rows").add("table");
  const auto add_row = [&](Element& part, const char* cell, const std::vector<std::string>& texts) {
    Element& row = part.add("tr");
    for (std::size_t i = 0; i < columns; ++i) {
      Element& own = row.add(cell, texts[i]);
      if (holds_text(table, i)) own.set("class", "text");
    }
  };
  add_row(element.add("thead"), "th", table.header);
  Element& body = element.add("tbody");
  for (std::size_t i = 0; i < rows; ++i) add_row(body, "td", table.rows[i]);
  if (rows < table.rows.size() || columns < table.header.size()) {
    section
        .add("p", fmt::format("Left out: {} more rows, {} more columns; jensen info --json shows all.",
                              table.rows.size() - rows, table.header.size() - columns))
        .set("class", "note");
  }
}

std::vector<double> numbers_of(const Document& document, const std::string& path) {
  const NdArray& array = document.array(path);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values)) {
    return {integers->begin(), integers->end()};
  }
  const auto numbers = document.numbers(path);
  return {numbers.begin(), numbers.end()};
}

}  // namespace jensen::app::plot
