#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "app/info.hpp"
#include "app/report.hpp"
#include "colours.hpp"
#include "element.hpp"
#include "jensen/core/error.hpp"
#include "sections.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::size_t kMostRows = 100, kMostColumns = 29;  // of the table of components

std::string title_of(const Document& document, const RegisteredModel& model) {
  const std::string summary = model.summary();
  std::string title = summary.substr(0, summary.find_first_of(",:"));
  if (document.has_attribute("/fit", "components")) {
    const auto components = document.integer_attribute("/fit", "components");
    title += fmt::format(", {} {}", components,
                         components == 1 ? model.nouns().component : model.nouns().components);
  }
  return fmt::format("{}: {}", title, std::filesystem::path(document.origin).filename().string());
}

/// Lines of at most about 100 characters; what is broken goes on under the value.
std::string wrapped(const std::string& text) {
  constexpr std::size_t kWidth = 100, kIndent = 24;
  std::string out;
  std::size_t column = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    if (column > kIndent && column + (end - begin) > kWidth) {
      out.erase(out.find_last_not_of(' ') + 1);
      out += '\n' + std::string(kIndent, ' ');
      column = kIndent;
    }
    out += text.substr(begin, end + 1 - begin);
    column = end < text.size() && text[end] == '\n' ? 0 : column + end + 1 - begin;
    begin = end + 1;
  }
  return out;
}

void add_head(Element& html, const std::string& title) {
  Element& head = html.add("head");
  head.add("meta").set("charset", "utf-8");
  head.add("meta").set("name", "viewport").set("content", "width=device-width, initial-scale=1");
  head.add("meta").set("name", "generator").set("content", "jensen " JENSEN_VERSION);
  head.add("title", title);
  head.add("style", kStyle);
}

}  // namespace

Page make_page(const Document& document, const RegisteredModel& model, const std::string& features,
               const Sample& sample) {
  const std::string title = title_of(document, model);
  Element html("html");
  html.set("lang", "en");
  add_head(html, title);
  Element& body = html.add("body");
  body.add("h1", title);
  Page page;
  const Nouns nouns = model.nouns();
  const auto add = [&](const std::string& heading, const std::function<void(Element&)>& fill) {
    ++(add_section(body, heading, fill) ? page.shown : page.left_out);
  };
  add("The fit", [&](Element& section) {
    section.add("pre", wrapped(describe_origin(document, model) + fit_summary(document, model.nouns())));
  });
  add("Convergence", [&](Element& section) { fill_convergence(section, document); });
  add("Components and records", [&](Element& section) {
    if (const std::string why = model.why_no_plane(); !why.empty()) throw InputError(why);
    fill_pairs(section, document, features, sample);
  });
  add(fmt::format("Sizes of the {}", nouns.components),
      [&](Element& section) { fill_sizes(section, document, nouns); });
  add("Restarts", [&](Element& section) { fill_restarts(section, document); });
  add(fmt::format("Table of the {}", nouns.components), [&](Element& section) {
    add_table(section, model.component_table(document), kMostRows, kMostColumns);
  });
  page.html = "<!DOCTYPE html>\n";
  html.write(page.html);
  page.html += '\n';
  return page;
}

}  // namespace jensen::app::plot
