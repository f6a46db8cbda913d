#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "axes.hpp"
#include "jensen/core/error.hpp"
#include "sections.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::size_t kMostDots = 60;  // beyond, the line alone
constexpr double kFlat = 5e-6;         // relative: objectives that agree so well are drawn as a level line

struct Trace {
  std::vector<double> iterations, objectives, gains, seconds;
  Quantity objective;

  std::size_t size() const { return iterations.size(); }
};

Trace read_trace(const Document& document) {
  Trace trace{.iterations = numbers_of(document, "/fit/trace/iteration"),
              .objectives = numbers_of(document, "/fit/trace/objective"),
              .gains = numbers_of(document, "/fit/trace/gain"),
              .seconds = numbers_of(document, "/fit/trace/elapsed_seconds"),
              .objective = {document.text_attribute("/fit", "objective_name"),
                            document.text_attribute("/fit", "units")}};
  const std::size_t length = trace.size();
  if (length == 0 || trace.objectives.size() != length || trace.gains.size() != length ||
      trace.seconds.size() != length) {
    throw InputError(
        fmt::format("the arrays of '/fit/trace' in {} are empty or of different lengths", document.origin));
  }
  return trace;
}

Range range_of(const std::vector<double>& values) {
  Range range;
  for (const double value : values) range.include(value);
  return range;
}

/// The unit in which a time has a few digits before the point, and how many seconds it has.
std::pair<std::string, double> time_unit(double seconds) {
  if (seconds >= 2 * 86400) return {"days", 86400};
  if (seconds >= 2 * 3600) return {"h", 3600};
  if (seconds >= 120) return {"min", 60};
  if (seconds >= 1) return {"s", 1};
  if (seconds >= 1e-3) return {"ms", 1e-3};
  return {"µs", 1e-6};
}

Element draw_objective(const Trace& trace, const std::vector<double>& across, const Quantity& direction) {
  constexpr double kWidth = kFigureWidth / 2 - 10, kHeight = 280;
  Frame frame{.x = 0, .y = kTitleRoom, .width = kWidth - 14, .height = kHeight - kTitleRoom - 46};
  const Range range = range_of(trace.objectives).at_least(kFlat * std::abs(trace.objectives.back()));
  const Scale y = Scale::linear(range.padded(0.04), frame.bottom(), frame.y);
  frame.x = y_axis_width(y, frame);
  frame.width -= frame.x;
  Range extent = range_of(across);
  extent.include(0);
  const bool iterations = direction.unit.empty();
  const Scale x = iterations ? Scale::counting(extent.padded(0.02), frame.x, frame.right())
                             : Scale::linear(extent.padded(0.02), frame.x, frame.right());

  Element svg = make_svg(kWidth, kHeight, fmt::format("{} against {}", trace.objective.name, direction.name));
  draw_x_axis(svg, frame, x, direction);
  draw_title_above(svg, frame, draw_y_axis(svg, frame, y, trace.objective));
  std::vector<Point> points;
  for (std::size_t t = 0; t < trace.size(); ++t) points.push_back({x(across[t]), y(trace.objectives[t])});
  Element& window = add_window(svg, frame);
  window.add("path").set("class", "curve").set("d", line_path(points));
  if (points.size() <= kMostDots) window.add("path").set("class", "dots").set("d", dots_path(points));
  draw_border(svg, frame);
  return svg;
}

/// Gains that a logarithmic axis has no place for are marked on the lower edge.
struct Gains {
  std::vector<Point> positive = {}, other = {};  // iteration, gain
  Range range = {};

  explicit Gains(const Trace& trace) {
    for (std::size_t t = 1; t < trace.size(); ++t) {
      if (trace.gains[t] > 0) range.include(trace.gains[t]);
      (trace.gains[t] > 0 ? positive : other).push_back({trace.iterations[t], trace.gains[t]});
    }
  }
};

/// The gain at which the fit stopped, in units of the objective; 0 where another rule ended it.
double stopping_gain(const Document& document) {
  if (!document.has_attribute("/fit", "stop_reason") || !document.has_attribute("/fit", "total_weight") ||
      !document.has_attribute("/config", "tolerance")) {
    return 0;
  }
  if (document.text_attribute("/fit", "stop_reason") != "gain_tolerance") return 0;
  return document.number_attribute("/config", "tolerance") *
         document.number_attribute("/fit", "total_weight");
}

Element draw_gains(const Trace& trace, Gains gains, double limit) {
  constexpr double kHeight = 300;
  if (limit > 0) gains.range.include(limit);
  Frame frame{.x = 0, .y = kTitleRoom, .width = kFigureWidth - 14, .height = kHeight - kTitleRoom - 46};
  const Scale y = Scale::logarithmic(gains.range, frame.bottom(), frame.y);
  frame.x = y_axis_width(y, frame);
  frame.width -= frame.x;
  const Range extent = range_of(trace.iterations).at_least(1).padded(0.01);
  const Scale x = Scale::counting(extent, frame.x, frame.right());

  Element svg = make_svg(kFigureWidth, kHeight, "gain of each iteration, logarithmic");
  draw_x_axis(svg, frame, x, {"iteration"});
  draw_title_above(svg, frame, draw_y_axis(svg, frame, y, {"gain per iteration", trace.objective.unit}));
  std::vector<Point> points;
  for (const Point& gain : gains.positive) points.push_back({x(gain.x), y(gain.y)});
  Element& window = add_window(svg, frame);
  window.add("path").set("class", "curve").set("d", line_path(points));
  if (points.size() <= 2 * kMostDots) window.add("path").set("class", "dots").set("d", dots_path(points));
  std::string marks, latest;
  for (const Point& gain : gains.other) {
    const std::string place = short_number(x(gain.x), 1);
    if (place != latest) marks += fmt::format("M{} {}v-10", place, short_number(frame.bottom()));
    latest = place;
  }
  if (!marks.empty()) window.add("path").set("class", "fallen").set("d", marks);
  if (limit > 0) {
    svg.add("line")
        .set("class", "limit")
        .set("x1", frame.x)
        .set("x2", frame.right())
        .set("y1", y(limit))
        .set("y2", y(limit));
    const bool above = y(limit) > frame.y + frame.height / 2;
    add_label(svg, frame.x + 8, y(limit) + (above ? -6 : 15), "start", "tolerance").set("class", "name");
  }
  draw_border(svg, frame);
  return svg;
}

std::string caption_of(const Gains& gains, double limit, const Trace& trace) {
  std::string text =
      "What each iteration gained, on a logarithmic axis: a straight fall is linear convergence.";
  if (limit > 0) {
    text += fmt::format(" The dashed line is the tolerance, {:.3g} {} for all records.", limit,
                        trace.objective.unit);
  }
  if (!gains.other.empty()) {
    text += fmt::format(" Marks on the lower edge: {} iteration{} that gained nothing, or lost.",
                        gains.other.size(), gains.other.size() == 1 ? "" : "s");
  }
  return text;
}

}  // namespace

void fill_convergence(Element& section, const Document& document) {
  const Trace trace = read_trace(document);
  const auto [unit, length] = time_unit(trace.seconds.back());
  std::vector<double> times;
  for (const double seconds : trace.seconds) times.push_back(seconds / length);
  Element& pair = section.add("figure");
  Element& side_by_side = pair.add("div").set("class", "pair");
  side_by_side.add(draw_objective(trace, trace.iterations, {"iteration"}));
  side_by_side.add(draw_objective(trace, times, {"time", unit}));
  pair.add(
      "figcaption",
      fmt::format("The {} at each iteration of the best fit, from its start (iteration 0) to its end, over "
                  "iterations and over time.",
                  trace.objective.name));
  const Gains gains(trace);
  if (gains.positive.empty()) {
    section.add("p", "No gains to show: no iteration gained anything.").set("class", "absent");
    return;
  }
  const double limit = stopping_gain(document);
  add_figure(section, draw_gains(trace, gains, limit), caption_of(gains, limit, trace));
}

}  // namespace jensen::app::plot
