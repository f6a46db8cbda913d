#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "axes.hpp"
#include "colours.hpp"
#include "components.hpp"
#include "pairs_content.hpp"
#include "sections.hpp"

namespace jensen::app::plot {
namespace {

constexpr double kGap = 10;  // between cells
constexpr double kRoom = 2;  // for labels beyond their cell

/// Colours and numbers in the free space; false, and nothing drawn, where they do not fit.
bool draw_legend(Element& svg, const PairsContent& content, const Frame& space) {
  constexpr double kRow = 17, kColumn = 104;
  const auto rows = static_cast<Index>((space.height - 20) / kRow),
             columns = static_cast<Index>(space.width / kColumn);
  if (rows < 1 || content.components() > rows * columns) return false;
  const bool shares = content.masses.size() > 0;
  add_label(svg, space.x, space.y + 12, "start", shares ? "component, share of the records" : "component")
      .set("class", "title");
  for (std::size_t i = 0; i < content.order.size(); ++i) {
    const Index k = content.order[i], place = static_cast<Index>(i);
    const double left = space.x + kColumn * static_cast<double>(place / rows);
    const double middle = space.y + 28 + kRow * static_cast<double>(place % rows);
    if (content.covariances.empty()) {
      svg.add("circle")
          .set("class", component_class("centre", k))
          .set("cx", left + 10)
          .set("cy", middle)
          .set("r", 5.0);
    } else {
      svg.add("path")
          .set("class", component_class(line_of(content), k))
          .set("d", fmt::format("M{} {}h22", short_number(left), short_number(middle)));
    }
    add_label(svg, left + 28, middle + 4, "start",
              shares ? fmt::format("{}: {:.1f} %", k, 100 * content.masses[k]) : std::to_string(k));
  }
  return true;
}

/// Cells of the lower triangle, and what lies about them.
struct Layout {
  static constexpr double kTop = 8, kRight = 8, kBelow = 44;

  std::vector<Range> ranges = {};               // d
  double left = 20, width = 600, height = 280;  // of the axes, of a cell

  explicit Layout(const PairsContent& content) {
    const Index d = content.features();
    for (Index f = 0; f < d; ++f) ranges.push_back(range_of(content, f));
    if (d == 1) return;
    // The cells' size depends on the width of the labels, and these on the cells' height: look twice.
    fit_cells(d);
    for (int look = 0; look < 2; ++look) {
      for (Index f = 1; f < d; ++f)
        left = std::max(left, y_axis_width(y(f, {.height = height}), {.height = height}) + 18);
      fit_cells(d);
    }
  }

  /// Into the width of the figure.
  void fit_cells(Index d) {
    const auto cells = static_cast<double>(d);
    width = (kFigureWidth - left - kRight - kGap * (cells - 1)) / cells;
    height = d == 2 ? 0.8 * width : width;
  }
  Frame cell(Index row, Index column) const {
    return {.x = left + static_cast<double>(column) * (width + kGap),
            .y = kTop + static_cast<double>(row) * (height + kGap),
            .width = width,
            .height = height};
  }
  Scale x(Index feature, const Frame& frame) const {
    return Scale::linear(ranges[static_cast<std::size_t>(feature)], frame.x, frame.right());
  }
  Scale y(Index feature, const Frame& frame) const {
    return Scale::linear(ranges[static_cast<std::size_t>(feature)], frame.bottom(), frame.y);
  }
  /// Right of the uppermost cell.
  Frame legend() const {
    const double begin = left + width + kGap + 12;
    return {.x = begin, .y = kTop, .width = kFigureWidth - begin, .height = height - 4};
  }
};

void draw_cell(Element& svg, const PairsContent& content, const Layout& layout, Index row, Index column) {
  const Frame frame = layout.cell(row, column);
  const Scale x = layout.x(column, frame), y = layout.y(row, frame);
  if (row == content.features() - 1) {
    draw_x_axis(svg, frame, x, {content.names[static_cast<std::size_t>(column)]}, kRoom);
  } else {
    draw_x_grid(svg, frame, x);
  }
  if (row == column) return draw_marginal(svg, content, row, x, frame);
  if (column == 0) {
    const Quantity feature{content.names[static_cast<std::size_t>(row)]};
    draw_title_beside(svg, frame, kTitleFont, draw_y_axis(svg, frame, y, feature, kRoom));
  } else {
    draw_y_grid(svg, frame, y);
  }
  draw_plane(svg, content, column, row, x, y, frame);
}

Element draw_pairs(const PairsContent& content, bool& has_legend) {
  const Layout layout(content);
  const Index d = content.features();
  Element svg = make_svg(kFigureWidth, layout.cell(d - 1, 0).bottom() + Layout::kBelow,
                         "components in the space of the features");
  for (Index row = 0; row < d; ++row) {
    for (Index column = 0; column <= row; ++column) draw_cell(svg, content, layout, row, column);
  }
  has_legend = draw_legend(svg, content, layout.legend());
  return svg;
}

std::string caption_of(const PairsContent& content, const Sample& sample, const std::string& why,
                       bool has_legend) {
  std::string text;
  const bool mixture = !content.covariances.empty();
  if (mixture) {
    if (content.features() > 1) {
      text +=
          "Ellipses: contours of each component at 2 standard deviations of its marginal, 86.5 % of its "
          "probability. ";
    }
    text += "Coloured curves: each component's density along the feature, times its weight";
    text += content.components() > 1 ? "; dark curve: their sum. " : ". ";
  } else {
    text += content.features() > 1 ? "Discs and upright lines: the centroids. "
                                   : "Upright lines: the centroids. ";
  }
  if (sample.size() > 0) {
    text += fmt::format(
        "{}: {} of the {} records of {}", content.features() > 1 ? "Points and grey bars" : "Grey bars",
        sample.size() == sample.available ? "all" : fmt::format("{}, chosen at random,", sample.size()),
        sample.available, sample.source);
    if (!content.labels.empty() && content.features() > 1) {
      text += mixture ? ", in the colour of their most probable component"
                      : ", in the colour of the nearest centroid";
    }
    text += ". ";
  }
  if (content.components() > kColours) {
    text += fmt::format(
        "Colours repeat after {} components, with dashes; numbers, left out where they would overlap, "
        "tell them apart. ",
        kColours);
  }
  if (!has_legend) text += "There are too many components for a legend: point at a line to read its number. ";
  for (const std::string& note : sample.notes) text += note + " ";
  return text + why;
}

}  // namespace

void fill_pairs(Element& section, const Document& document, const std::string& chosen_features,
                const Sample& sample) {
  const Components components = components_of(document);
  ChosenFeatures chosen;
  if (chosen_features.empty()) {
    const Vector sizes = document.has("/fit/sizes") ? document.vector("/fit/sizes") : Vector();
    chosen = most_separating(components, sizes, sample.records);
  } else {
    chosen.list = parse_features(chosen_features, feature_names_of(document, components.features()));
  }
  const PairsContent content = pairs_content(document, components, chosen.list, sample);
  bool has_legend = false;
  Element svg = draw_pairs(content, has_legend);
  add_figure(section, std::move(svg), caption_of(content, sample, chosen.why, has_legend));
}

}  // namespace jensen::app::plot
