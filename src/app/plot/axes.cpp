#include "axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace jensen::app::plot {
namespace {

constexpr double kTitleGap = 18;  // from the tick labels to the title

/// As many labels as fit side by side.
Ticks x_ticks(const Scale& scale, const Frame& frame) {
  for (int most = 10; most > 1; --most) {
    Ticks ticks = scale.ticks(most);
    double widest = 0;
    for (const Tick& tick : ticks.list) widest = std::max(widest, text_width(tick.label, kTickFont));
    if (static_cast<double>(ticks.list.size()) * (widest + 8) <= frame.width) return ticks;
  }
  return scale.ticks(1);
}

Ticks y_ticks(const Scale& scale, const Frame& frame) {
  return scale.ticks(std::clamp(static_cast<int>(frame.height / 34), 2, 8));
}

void add_line(Element& parent, const char* kind, double x1, double y1, double x2, double y2) {
  parent.add("line").set("class", kind).set("x1", x1).set("y1", y1).set("x2", x2).set("y2", y2);
}

Element& add_tick(Element& svg, const char* axis, double value) {
  return svg.add("g")
      .set("class", fmt::format("tick {}", axis))
      .set("data-value", fmt::format("{:.15g}", value));
}

/// At x; a title that is too long for `room` is cut, and is whole in its tool tip.
Element& add_title(Element& svg, double x, double y, const std::string& title, double room) {
  const std::string shown = shortened(title, kTitleFont, room);
  Element& label = svg.add("text", shown).set("class", "title").set("x", x).set("y", y);
  if (shown != title) label.add("title", title);
  return label;
}

/// The points that a line through all of them needs, given its resolution.
std::vector<Point> thinned(const std::vector<Point>& points) {
  constexpr std::size_t kEnough = 4000;
  if (points.size() <= kEnough) return points;
  std::vector<Point> kept;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin, low = begin, high = begin;
    for (; end < points.size() && std::floor(points[end].x) == std::floor(points[begin].x); ++end) {
      if (points[end].y < points[low].y) low = end;
      if (points[end].y > points[high].y) high = end;
    }
    std::array<std::size_t, 4> chosen = {begin, low, high, end - 1};
    std::sort(chosen.begin(), chosen.end());
    const auto last = std::unique(chosen.begin(), chosen.end());
    for (auto i = chosen.begin(); i != last; ++i) kept.push_back(points[*i]);
    begin = end;
  }
  return kept;
}

}  // namespace

void draw_x_grid(Element& svg, const Frame& frame, const Scale& scale) {
  for (const Tick& tick : x_ticks(scale, frame).list)
    add_line(svg, "grid", scale(tick.value), frame.y, scale(tick.value), frame.bottom());
}

void draw_y_grid(Element& svg, const Frame& frame, const Scale& scale) {
  for (const Tick& tick : y_ticks(scale, frame).list)
    add_line(svg, "grid", frame.x, scale(tick.value), frame.right(), scale(tick.value));
}

void draw_x_axis(Element& svg, const Frame& frame, const Scale& scale, const Quantity& quantity,
                 double room) {
  const Ticks ticks = x_ticks(scale, frame);
  for (const Tick& tick : ticks.list) {
    const double x = scale(tick.value);
    Element& group = add_tick(svg, "x", tick.value);
    add_line(group, "grid", x, frame.y, x, frame.bottom() + 4);
    const double half = text_width(tick.label, kTickFont) / 2;
    if (x - half < frame.x - room || x + half > frame.right() + room) continue;
    add_label(group, x, frame.bottom() + 16, "middle", tick.label);
  }
  const std::string title = ticks.title(quantity.name, quantity.unit);
  const double y = frame.bottom() + 16 + kTitleGap;
  add_title(svg, frame.x + frame.width / 2, y, title, frame.width).set("text-anchor", "middle");
}

std::string draw_y_axis(Element& svg, const Frame& frame, const Scale& scale, const Quantity& quantity,
                        double room) {
  const Ticks ticks = y_ticks(scale, frame);
  for (const Tick& tick : ticks.list) {
    const double y = scale(tick.value);
    Element& group = add_tick(svg, "y", tick.value);
    add_line(group, "grid", frame.x - 4, y, frame.right(), y);
    const double half = kTickFont * 0.6;
    if (y - half < frame.y - room || y + half > frame.bottom() + room) continue;
    add_label(group, frame.x - 7, y + 4, "end", tick.label);
  }
  return ticks.title(quantity.name, quantity.unit);
}

void draw_title_above(Element& svg, const Frame& frame, const std::string& title) {
  add_title(svg, 2, frame.y - 9, title, frame.right()).set("text-anchor", "start");
}

void draw_title_beside(Element& svg, const Frame& frame, double x, const std::string& title) {
  const double y = frame.y + frame.height / 2;
  add_title(svg, x, y, title, frame.height)
      .set("text-anchor", "middle")
      .set("transform", fmt::format("rotate(-90 {} {})", short_number(x), short_number(y)));
}

void draw_border(Element& svg, const Frame& frame) {
  svg.add("rect")
      .set("class", "border")
      .set("x", frame.x)
      .set("y", frame.y)
      .set("width", frame.width)
      .set("height", frame.height);
}

double y_axis_width(const Scale& scale, const Frame& frame) {
  double widest = 0;
  for (const Tick& tick : y_ticks(scale, frame).list) {
    widest = std::max(widest, text_width(tick.label, kTickFont));
  }
  return widest + 9;
}

Element& add_window(Element& svg, const Frame& frame) {
  return svg.add("svg")
      .set("x", frame.x)
      .set("y", frame.y)
      .set("width", frame.width)
      .set("height", frame.height)
      .set("viewBox", fmt::format("{} {} {} {}", short_number(frame.x), short_number(frame.y),
                                  short_number(frame.width), short_number(frame.height)));
}

std::string line_path(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : thinned(points)) {
    path += fmt::format("{}{} {}", path.empty() ? "M" : "L", short_number(point.x), short_number(point.y));
  }
  return path;
}

std::string dots_path(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : points)
    path += fmt::format("M{} {}h0", short_number(point.x, 1), short_number(point.y, 1));
  return path;
}

}  // namespace jensen::app::plot
