#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "colours.hpp"
#include "pairs_content.hpp"

namespace jensen::app::plot {
namespace {

/// Density of component k along a feature, times its weight.
double density(const PairsContent& content, Index k, Index feature, double value) {
  const double variance = std::max(content.covariances[static_cast<std::size_t>(k)](feature, feature),
                                   std::numeric_limits<double>::min());  // 0 where no floor held it
  const double distance = value - content.centres(k, feature);
  return content.masses[k] * std::exp(-distance * distance / (2 * variance)) /
         std::sqrt(2 * std::numbers::pi * variance);
}

/// Shares of the records in bins of equal width, per unit of the feature.
std::vector<double> histogram(const PairsContent& content, Index feature, const Range& range,
                              std::size_t bins) {
  std::vector<double> heights(bins, 0.0);
  const double width = range.span() / static_cast<double>(bins);
  for (Index n = 0; n < content.records.rows(); ++n) {
    const auto bin = static_cast<std::size_t>((content.records(n, feature) - range.low) / width);
    heights[std::min(bin, bins - 1)] += 1 / (width * static_cast<double>(content.records.rows()));
  }
  return heights;
}

/// The highest bar, or peak of a component; but a peak far above the bars is cut.
double highest_of(const PairsContent& content, Index feature, double highest_bar) {
  if (content.covariances.empty()) return highest_bar > 0 ? highest_bar : 1;
  double peak = 0;
  for (Index k = 0; k < content.components(); ++k)
    peak = std::max(peak, density(content, k, feature, content.centres(k, feature)));
  return highest_bar > 0 ? std::clamp(peak, highest_bar, 2 * highest_bar) : peak;
}

void add_histogram(Element& window, const std::vector<double>& heights, const Scale& y, const Frame& frame) {
  const double width = frame.width / static_cast<double>(heights.size());
  for (std::size_t bin = 0; bin < heights.size(); ++bin) {
    if (heights[bin] == 0) continue;
    window.add("rect")
        .set("class", "histogram")
        .set("x", frame.x + width * static_cast<double>(bin))
        .set("width", width)
        .set("y", y(heights[bin]))
        .set("height", frame.bottom() - y(heights[bin]));
  }
}

/// The density of the whole mixture.
void add_total(Element& window, const PairsContent& content, Index feature, const Scale& x, const Scale& y) {
  std::vector<Point> points;
  for (double pixel = x.from(); pixel <= x.to(); pixel += 0.5) {
    const double value = x.value_at(pixel);
    double sum = 0;
    for (Index k = 0; k < content.components(); ++k) sum += density(content, k, feature, value);
    points.push_back({pixel, y(sum)});
  }
  window.add("path").set("class", "total").set("d", line_path(points)).add("title", "all components");
}

/// The density of a component as far as it can be seen, or an upright line through a centroid.
std::vector<Point> line_of_component(const PairsContent& content, Index k, Index feature, const Scale& x,
                                     const Scale& y) {
  const double centre = content.centres(k, feature);
  if (content.covariances.empty()) return {{x(centre), y.from()}, {x(centre), y.to()}};
  const double sd = std::sqrt(content.covariances[static_cast<std::size_t>(k)](feature, feature));
  std::vector<Point> points;
  for (int i = -48; i <= 48; ++i) {
    const double value = centre + sd * i / 12;
    points.push_back({x(value), y(density(content, k, feature, value))});
  }
  return points;
}

}  // namespace

void draw_marginal(Element& svg, const PairsContent& content, Index feature, const Scale& x,
                   const Frame& frame) {
  const auto bins = static_cast<std::size_t>(
      std::clamp(std::sqrt(static_cast<double>(content.records.rows())), 8.0, frame.width / 6));
  const std::vector<double> heights = histogram(content, feature, x.range(), bins);
  const double highest_bar = *std::max_element(heights.begin(), heights.end());
  const Scale y =
      Scale::linear({0, 1.06 * highest_of(content, feature, highest_bar)}, frame.bottom(), frame.y);

  Element& window = add_window(svg, frame);
  window.set("class", "marginal").set("data-x", content.names[static_cast<std::size_t>(feature)]);
  add_histogram(window, heights, y, frame);
  if (!content.covariances.empty() && content.components() > 1) add_total(window, content, feature, x, y);
  for (const Index k : content.order) {
    window.add("path")
        .set("class", component_class(line_of(content), k))
        .set("data-component", std::to_string(k))
        .set("d", line_path(line_of_component(content, k, feature, x, y)))
        .add("title", hint_of(content, k));
  }
  draw_border(svg, frame);
}

}  // namespace jensen::app::plot
