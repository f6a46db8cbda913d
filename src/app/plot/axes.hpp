#pragma once

#include <string>
#include <vector>

#include "element.hpp"
#include "scale.hpp"

namespace jensen::app::plot {

/// A rectangle in pixels, y downwards.
struct Frame {
  double x = 0, y = 0, width = 0, height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

constexpr double kTickFont = 11;
constexpr double kTitleFont = 12;
constexpr double kFigureWidth = 940;  // of the page's text
constexpr double kTitleRoom = 26;     // above a frame, for draw_title_above

/// What an axis measures.
struct Quantity {
  std::string name = {};
  std::string unit = {};  // empty: none, or unknown
};

/// Lines across the frame at round numbers with their labels below it, and the title below these. Labels
/// that would stand out by more than `room` on either side are left out.
void draw_x_axis(Element& svg, const Frame& frame, const Scale& scale, const Quantity& quantity,
                 double room = 20);
/// Likewise to the left, without a title. Returns what the title has to say.
std::string draw_y_axis(Element& svg, const Frame& frame, const Scale& scale, const Quantity& quantity,
                        double room = 20);
/// The title of a vertical axis, level above the figure, or turned at x to the left of the frame.
void draw_title_above(Element& svg, const Frame& frame, const std::string& title);
void draw_title_beside(Element& svg, const Frame& frame, double x, const std::string& title);
/// The lines alone.
void draw_x_grid(Element& svg, const Frame& frame, const Scale& scale);
void draw_y_grid(Element& svg, const Frame& frame, const Scale& scale);
void draw_border(Element& svg, const Frame& frame);

/// Pixels that tick labels take to the left of the frame; the scale may run anywhere.
double y_axis_width(const Scale& scale, const Frame& frame);

/// A drawing in the same coordinates of which only what lies in the frame is seen.
Element& add_window(Element& svg, const Frame& frame);

struct Point {
  double x = 0, y = 0;
};

/// Straight lines from point to point. Where there are many more points than pixels across, those of a column
/// of pixels are represented by its first, lowest, highest and last.
std::string line_path(const std::vector<Point>& points);

/// A dot at each point; drawn with round line ends.
std::string dots_path(const std::vector<Point>& points);

}  // namespace jensen::app::plot
