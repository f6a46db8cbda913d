#include "optima.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

struct Optimum {
  double objective = 0;  // the best of the group
  bool singular = false;
  std::size_t found = 0;
  std::size_t first = 0;  // restart
  double iterations = 0;  // in all
};

const std::vector<std::int64_t>& integers(const Document& document, const char* path) {
  return std::get<std::vector<std::int64_t>>(document.array(path).values);
}

}  // namespace

Table optima_table(const Document& document) {
  const auto objectives = document.numbers("/fit/restarts/objective");
  const auto& singular = integers(document, "/fit/restarts/singular");
  const auto& iterations = integers(document, "/fit/restarts/iterations");
  const bool larger = document.integer_attribute("/fit", "larger_is_better") != 0;
  std::vector<std::size_t> order(objectives.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (singular[a] != singular[b]) return singular[a] < singular[b];
    return larger ? objectives[a] > objectives[b] : objectives[a] < objectives[b];
  });
  std::vector<Optimum> optima;
  for (const std::size_t r : order) {
    const bool same =
        !optima.empty() && optima.back().singular == (singular[r] != 0) &&
        std::abs(objectives[r] - optima.back().objective) <= 1e-6 * std::abs(optima.back().objective);
    if (!same) optima.push_back({.objective = objectives[r], .singular = singular[r] != 0, .first = r});
    Optimum& optimum = optima.back();
    ++optimum.found;
    optimum.first = std::min(optimum.first, r);
    optimum.iterations += static_cast<double>(iterations[r]);
  }
  Table table{{"optimum", document.text_attribute("/fit", "objective_name"), "found", "share",
               "first in restart", "mean iterations", ""},
              {}};
  for (const Optimum& optimum : optima) {
    const auto found = static_cast<double>(optimum.found);
    table.rows.push_back({fmt::format("{}", table.rows.size() + 1), fmt::format("{:.9g}", optimum.objective),
                          fmt::format("{}", optimum.found),
                          fmt::format("{:.3g} %", 100 * found / static_cast<double>(objectives.size())),
                          fmt::format("{}", optimum.first + 1),
                          fmt::format("{:.1f}", optimum.iterations / found),
                          optimum.singular ? "singular" : ""});
  }
  return table;
}

}  // namespace jensen::app
