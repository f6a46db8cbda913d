#pragma once

#include <string>
#include <vector>

#include "axes.hpp"
#include "components.hpp"
#include "sample.hpp"

namespace jensen::app::plot {

constexpr double kContourSds = 2;  // standard deviations at which contours are drawn

/// What a plot of pairs shows, for the chosen features alone.
struct PairsContent {
  std::vector<std::string> names;   // d
  RowMatrix records;                // n x d
  std::vector<Index> labels;        // n or empty
  RowMatrix centres;                // K x d
  std::vector<Matrix> covariances;  // K of d x d, or empty
  Vector masses;                    // K, adding up to 1, or empty
  std::vector<Index> order;         // of components, the largest first

  Index features() const { return centres.cols(); }
  Index components() const { return centres.rows(); }
};

/// Throws InputError where the parts do not go together.
PairsContent pairs_content(const Document& document, const Components& components,
                           const std::vector<Index>& features, const Sample& sample);

/// From the smallest to the largest of records and contours, but contours that reach far beyond the records
/// are cut.
Range range_of(const PairsContent& content, Index feature);

/// The class of lines: many are drawn thin.
const char* line_of(const PairsContent& content);
/// "component 3: 12.5 %".
std::string hint_of(const PairsContent& content, Index component);

/// A cell of the plot: records, contours or centroids, and numbers, in the plane of two features.
void draw_plane(Element& svg, const PairsContent& content, Index x_feature, Index y_feature, const Scale& x,
                const Scale& y, const Frame& frame);

/// A cell of the plot: histogram of the records, and densities or centroids, along one feature.
void draw_marginal(Element& svg, const PairsContent& content, Index feature, const Scale& x,
                   const Frame& frame);

}  // namespace jensen::app::plot
