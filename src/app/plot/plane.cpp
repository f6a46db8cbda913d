#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "colours.hpp"
#include "pairs_content.hpp"

namespace jensen::app::plot {
namespace {

constexpr double kNameFont = 12;

/// Few points are drawn larger than many.
double point_size(Index records) {
  return std::clamp(9 / std::pow(static_cast<double>(std::max<Index>(records, 1)), 0.18), 1.2, 4.0);
}

void add_points(Element& window, const PairsContent& content, Index fx, Index fy, const Scale& x,
                const Scale& y) {
  if (content.records.rows() == 0) return;
  std::vector<std::vector<Point>> groups(
      content.labels.empty() ? 1 : static_cast<std::size_t>(content.components()));
  for (Index n = 0; n < content.records.rows(); ++n) {
    const auto row = static_cast<std::size_t>(n);
    groups[content.labels.empty() ? 0 : static_cast<std::size_t>(content.labels[row])].push_back(
        {x(content.records(n, fx)), y(content.records(n, fy))});
  }
  const double size = point_size(content.records.rows());
  if (content.labels.empty()) {
    window.add("path").set("class", "points far").set("stroke-width", size).set("d", dots_path(groups[0]));
    return;
  }
  for (const Index k : content.order) {  // the smallest last, so that they are seen
    const auto& group = groups[static_cast<std::size_t>(k)];
    if (group.empty()) continue;
    window.add("path")
        .set("class", component_class("points", k))
        .set("stroke-width", size)
        .set("data-component", std::to_string(k))
        .set("d", dots_path(group));
  }
}

/// The contour at two standard deviations of a two-dimensional marginal.
void add_ellipse(Element& window, const PairsContent& content, Index k, Index fx, Index fy, const Scale& x,
                 const Scale& y) {
  const Matrix& sigma = content.covariances[static_cast<std::size_t>(k)];
  const Eigen::Vector2d unit(x.unit(), y.unit());
  Eigen::Matrix2d pixels;
  pixels << sigma(fx, fx), sigma(fx, fy), sigma(fy, fx), sigma(fy, fy);
  pixels = unit.asDiagonal() * pixels * unit.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d> eigen(pixels);
  const Eigen::Vector2d radii = kContourSds * eigen.eigenvalues().cwiseMax(0).cwiseSqrt();
  const Eigen::Vector2d axis = eigen.eigenvectors().col(1);
  const double angle = std::atan2(axis[1], axis[0]) * 180 / std::numbers::pi;
  const double cx = x(content.centres(k, fx)), cy = y(content.centres(k, fy));
  window.add("ellipse")
      .set("class", component_class(line_of(content), k))
      .set("data-component", std::to_string(k))
      .set("cx", cx)
      .set("cy", cy)
      .set("rx", radii[1])
      .set("ry", radii[0])
      .set("transform",
           fmt::format("rotate({} {} {})", short_number(angle, 3), short_number(cx), short_number(cy)))
      .add("title", hint_of(content, k));
}

/// Numbers beside the centres, the largest components first; one that would cover another, or be cut, is left
/// out.
void add_names(Element& window, const PairsContent& content, Index fx, Index fy, const Scale& x,
               const Scale& y, const Frame& frame) {
  std::vector<Frame> taken;
  const double lift = content.covariances.empty() ? 9 : 0;  // above the mark of a centroid
  for (const Index k : content.order) {
    const std::string name = std::to_string(k);
    const double cx = x(content.centres(k, fx)), cy = y(content.centres(k, fy)) - lift;
    const double width = text_width(name, kNameFont) + 3;
    const Frame box{.x = cx - width / 2, .y = cy - 9, .width = width, .height = 18};
    if (box.x < frame.x || box.right() > frame.right() || box.y < frame.y || box.bottom() > frame.bottom())
      continue;
    const bool covers = std::any_of(taken.begin(), taken.end(), [&](const Frame& other) {
      return box.x < other.right() && other.x < box.right() && box.y < other.bottom() &&
             other.y < box.bottom();
    });
    if (covers) continue;
    taken.push_back(box);
    add_label(window, cx, cy + 4, "middle", name).set("class", "name").set("font-size", kNameFont);
  }
}

}  // namespace

void draw_plane(Element& svg, const PairsContent& content, Index fx, Index fy, const Scale& x, const Scale& y,
                const Frame& frame) {
  Element& window = add_window(svg, frame);
  window.set("class", "plane").set("data-x", content.names[static_cast<std::size_t>(fx)]);
  window.set("data-y", content.names[static_cast<std::size_t>(fy)]);
  add_points(window, content, fx, fy, x, y);
  for (const Index k : content.order) {
    if (!content.covariances.empty()) {
      add_ellipse(window, content, k, fx, fy, x, y);
    } else {
      window.add("circle")
          .set("class", component_class("centre", k))
          .set("data-component", std::to_string(k))
          .set("cx", x(content.centres(k, fx)))
          .set("cy", y(content.centres(k, fy)))
          .set("r", 5.0)
          .add("title", hint_of(content, k));
    }
  }
  add_names(window, content, fx, fy, x, y, frame);
  draw_border(svg, frame);
}

}  // namespace jensen::app::plot
