#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "axes.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "sections.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::size_t kMostDots = 300;  // beyond, a histogram
constexpr double kSame = 1e-6;          // relative: restarts that near ended in the same optimum
constexpr std::size_t kMostOptima = 12;

struct Restarts {
  std::vector<double> objectives, iterations, singular;
  std::vector<std::size_t> order = {};  // the best kind first
  std::size_t best = 0;                 // the one whose parameters the file holds
  Quantity objective;

  std::size_t count() const { return objectives.size(); }
  double best_objective() const { return objectives[best]; }
};

/// Where the best restart stands among those that did not fail: found by its seed.
std::size_t position_of_best(const Document& document, std::size_t count) {
  const auto* seeds = std::get_if<std::vector<std::int64_t>>(&document.array("/fit/restarts/seed").values);
  const Index best = document.integer_attribute("/fit", "best_restart");
  const auto seed = static_cast<std::uint64_t>(document.integer_attribute("/config", "seed"));
  if (seeds != nullptr) {
    const auto found =
        std::find(seeds->begin(), seeds->end(), static_cast<std::int64_t>(restart_seed(seed, best)));
    if (found != seeds->end()) return static_cast<std::size_t>(found - seeds->begin());
  }
  return std::min(static_cast<std::size_t>(std::max<Index>(best, 0)), count - 1);
}

Restarts read_restarts(const Document& document) {
  Restarts restarts{.objectives = numbers_of(document, "/fit/restarts/objective"),
                    .iterations = numbers_of(document, "/fit/restarts/iterations"),
                    .singular = numbers_of(document, "/fit/restarts/singular"),
                    .objective = {document.text_attribute("/fit", "objective_name"),
                                  document.text_attribute("/fit", "units")}};
  const std::size_t count = restarts.count();
  if (count == 0 || restarts.iterations.size() != count || restarts.singular.size() != count) {
    throw InputError(fmt::format("the arrays of '/fit/restarts' in {} are empty or of different lengths",
                                 document.origin));
  }
  restarts.best = position_of_best(document, count);
  // The best is at one end of those like it; that end tells which way is up.
  bool smaller_is_better = false;
  for (std::size_t i = 0; i < count; ++i) {
    smaller_is_better |= restarts.singular[i] == restarts.singular[restarts.best] &&
                         restarts.objectives[i] > restarts.best_objective();
  }
  restarts.order.resize(count);
  std::iota(restarts.order.begin(), restarts.order.end(), std::size_t{0});
  std::stable_sort(restarts.order.begin(), restarts.order.end(), [&](std::size_t a, std::size_t b) {
    const double difference = restarts.objectives[a] - restarts.objectives[b];
    return smaller_is_better ? difference < 0 : difference > 0;
  });
  return restarts;
}

/// Never so narrow that rounding looks like a difference.
Range objective_range(const Restarts& restarts) {
  Range range;
  for (const double value : restarts.objectives) range.include(value);
  const double size = std::abs(restarts.best_objective());
  return range.at_least(size > 0 ? 20 * kSame * size : 1).padded(0.06);
}

Element draw_sorted(const Restarts& restarts) {
  Frame frame{.x = 0, .y = kTitleRoom, .width = kFigureWidth - 14, .height = 220};
  const Scale y = Scale::linear(objective_range(restarts), frame.bottom(), frame.y);
  frame.x = y_axis_width(y, frame);
  frame.width = std::min(frame.width - frame.x, 60 + 40 * static_cast<double>(restarts.count()));
  const Scale x = Scale::counting({0.5, static_cast<double>(restarts.count()) + 0.5}, frame.x, frame.right());
  Element svg = make_svg(kFigureWidth, frame.bottom() + 50, "objectives of the restarts, sorted");
  draw_x_axis(svg, frame, x, {"rank of the restart"});
  draw_title_above(svg, frame, draw_y_axis(svg, frame, y, restarts.objective));
  for (std::size_t i = 0; i < restarts.count(); ++i) {
    const std::size_t restart = restarts.order[i];
    const double px = x(static_cast<double>(i + 1)), py = y(restarts.objectives[restart]);
    Element& dot = svg.add("circle")
                       .set("class", std::string(restarts.singular[restart] != 0 ? "singular" : "plain"))
                       .set("cx", px)
                       .set("cy", py)
                       .set("r", 3.0);
    dot.add("title", fmt::format("{:.10g} {} after {:g} iterations{}", restarts.objectives[restart],
                                 restarts.objective.unit, restarts.iterations[restart],
                                 restarts.singular[restart] != 0 ? "; singular" : ""));
    if (restart == restarts.best)
      svg.add("circle").set("class", std::string("best")).set("cx", px).set("cy", py).set("r", 6.5);
  }
  draw_border(svg, frame);
  return svg;
}

Element draw_histogram(const Restarts& restarts) {
  constexpr std::size_t kBins = 80;
  const Range range = objective_range(restarts);
  std::vector<double> counts(kBins, 0.0);
  for (const double value : restarts.objectives) {
    const auto bin = static_cast<std::size_t>((value - range.low) / range.span() * kBins);
    ++counts[std::min(bin, kBins - 1)];
  }
  Frame frame{.x = 0, .y = kTitleRoom, .width = kFigureWidth - 14, .height = 220};
  const Scale y =
      Scale::linear({0, 1.05 * *std::max_element(counts.begin(), counts.end())}, frame.bottom(), frame.y);
  frame.x = y_axis_width(y, frame);
  frame.width -= frame.x;
  const Scale x = Scale::linear(range, frame.x, frame.right());
  Element svg = make_svg(kFigureWidth, frame.bottom() + 50, "histogram of the restarts' objectives");
  draw_x_axis(svg, frame, x, restarts.objective);
  draw_title_above(svg, frame, draw_y_axis(svg, frame, y, {"restarts"}));
  const double width = frame.width / kBins;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    if (counts[bin] == 0) continue;
    svg.add("rect")
        .set("class", "plain")
        .set("x", frame.x + width * static_cast<double>(bin))
        .set("width", width)
        .set("y", y(counts[bin]))
        .set("height", frame.bottom() - y(counts[bin]))
        .add("title", fmt::format("{:g} restarts", counts[bin]));
  }
  const double best = x(restarts.best_objective());
  svg.add("line")
      .set("class", "best")
      .set("x1", best)
      .set("x2", best)
      .set("y1", frame.y)
      .set("y2", frame.bottom());
  draw_border(svg, frame);
  return svg;
}

/// Restarts whose objectives agree, from the best optimum to the worst.
Table optima(const Restarts& restarts) {
  Table table{{"optimum", restarts.objective.name, "behind the first by", "restarts", "share",
               "mean iterations", "singular"},
              {}};
  const double near = kSame * std::abs(restarts.best_objective());
  for (std::size_t begin = 0; begin < restarts.count();) {
    const double first = restarts.objectives[restarts.order[begin]];
    double iterations = 0, singular = 0;
    std::size_t end = begin;
    for (; end < restarts.count(); ++end) {
      const std::size_t restart = restarts.order[end];
      if (std::abs(restarts.objectives[restart] - first) > near) break;
      iterations += restarts.iterations[restart];
      singular += restarts.singular[restart];
    }
    const auto members = static_cast<double>(end - begin);
    table.rows.push_back({fmt::format("{}", table.rows.size() + 1), with_minus(fmt::format("{:.9g}", first)),
                          fmt::format("{:.6g}", std::abs(first - restarts.objectives[restarts.order[0]])),
                          fmt::format("{}", end - begin),
                          fmt::format("{:.1f} %", 100 * members / static_cast<double>(restarts.count())),
                          fmt::format("{:.1f}", iterations / members), fmt::format("{:g}", singular)});
    begin = end;
  }
  return table;
}

}  // namespace

void fill_restarts(Element& section, const Document& document) {
  const Restarts restarts = read_restarts(document);
  if (restarts.count() == 1) {
    section.add("p", fmt::format("One start: {} {:.9g} {}.", restarts.objective.name,
                                 restarts.best_objective(), restarts.objective.unit));
    return;
  }
  const bool sorted = restarts.count() <= kMostDots;
  const auto singular = std::count_if(restarts.singular.begin(), restarts.singular.end(),
                                      [](double value) { return value != 0; });
  std::string caption =
      sorted ? "Where each restart ended, the best first; the ring marks the one that the file holds."
             : fmt::format("Where the {} restarts ended; the line marks the one that the file holds.",
                           restarts.count());
  if (singular > 0) {
    caption += fmt::format(
        " {} ended with a component that has no more records than features or at the covariance floor{}: "
        "their "
        "objectives mean little, and a restart that did not is preferred.",
        singular, sorted ? " (open dots)" : "");
  }
  add_figure(section, sorted ? draw_sorted(restarts) : draw_histogram(restarts), caption);
  const Table distinct = optima(restarts);
  add_table(section, distinct, kMostOptima, distinct.header.size());
  section.add("p",
              fmt::format("Objectives within {:g} (relative) of each other count as one optimum.", kSame));
}

}  // namespace jensen::app::plot
