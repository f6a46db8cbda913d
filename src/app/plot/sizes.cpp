#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <vector>

#include "axes.hpp"
#include "colours.hpp"
#include "jensen/core/error.hpp"
#include "sections.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::size_t kMostBars = 120;

/// Numbers below bars go into so many lines that they do not touch.
int lines_needed(double widest, double step) {
  return std::max(1, static_cast<int>(std::ceil((widest + 3) / step)));
}

}  // namespace

void fill_sizes(Element& section, const Document& document, const Nouns& nouns) {
  const Vector sizes = document.vector("/fit/sizes");
  if (sizes.size() == 0) throw InputError(fmt::format("'/fit/sizes' in {} is empty", document.origin));
  std::vector<Index> order(static_cast<std::size_t>(sizes.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return sizes[a] > sizes[b]; });
  const std::size_t shown = std::min(order.size(), kMostBars);

  const double total = sizes.sum(), label_width = text_width(std::to_string(sizes.size() - 1), 10);
  const double most_step = kFigureWidth / static_cast<double>(shown + 1);
  const int lines = lines_needed(label_width, std::min(60.0, most_step * 0.9));
  const double below = 12.0 * lines + 24;
  Frame frame{.x = 0, .y = kTitleRoom, .width = kFigureWidth - 6, .height = 220};
  const Scale y =
      Scale::linear({0, sizes.maxCoeff() > 0 ? sizes.maxCoeff() * 1.1 : 1}, frame.bottom(), frame.y);
  frame.x = y_axis_width(y, frame);
  frame.width = std::min(frame.width - frame.x, 60 * static_cast<double>(shown));
  const double step = frame.width / static_cast<double>(shown);

  Element svg =
      make_svg(kFigureWidth, frame.bottom() + below, fmt::format("sizes of the {}", nouns.components));
  draw_title_above(svg, frame, draw_y_axis(svg, frame, y, {nouns.weights}));
  for (std::size_t i = 0; i < shown; ++i) {
    const Index k = order[i];
    const double left = frame.x + step * static_cast<double>(i), top = y(sizes[k]);
    Element& bar = svg.add("rect")
                       .set("class", component_class("bar", k))
                       .set("x", left + 0.1 * step)
                       .set("width", 0.8 * step)
                       .set("y", top)
                       .set("height", frame.bottom() - top)
                       .set("data-component", std::to_string(k));
    bar.add("title", fmt::format("{} {}: {:.6g} {}, {:.3g} %", nouns.component, k, sizes[k], nouns.weights,
                                 100 * sizes[k] / total));
    const std::string share = fmt::format("{:.1f} %", 100 * sizes[k] / total);
    if (text_width(share, kTickFont) < step) add_label(svg, left + step / 2, top - 4, "middle", share);
    const double baseline =
        frame.bottom() + 13 + 12 * static_cast<double>(i % static_cast<std::size_t>(lines));
    add_label(svg, left + step / 2, baseline, "middle", std::to_string(k)).set("font-size", 10.0);
  }
  draw_border(svg, frame);
  add_label(svg, frame.x + frame.width / 2, frame.bottom() + below - 4, "middle", nouns.component)
      .set("class", "title");

  std::string caption = fmt::format("{} of each {}, the largest first", nouns.weights, nouns.component);
  caption[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(caption[0])));
  caption += document.has("/parameters/weights")
                 ? "; a record counts for each component by its responsibility."
                 : ".";
  if (shown < order.size()) {
    double rest = 0;
    for (std::size_t i = shown; i < order.size(); ++i) rest += sizes[order[i]];
    caption += fmt::format(" {} smaller {}, together {:.6g} {}, are left out.", order.size() - shown,
                           nouns.components, rest, nouns.weights);
  }
  add_figure(section, std::move(svg), caption);
}

}  // namespace jensen::app::plot
