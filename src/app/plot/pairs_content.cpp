#include "pairs_content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "jensen/core/error.hpp"

namespace jensen::app::plot {
namespace {

/// Where all values are the same, a range about them.
Range widened(const Range& range) {
  if (range.span() > 0) return range;
  return range.at_least(range.low == 0 ? 1 : 0.2 * std::abs(range.low));
}

}  // namespace

PairsContent pairs_content(const Document& document, const Components& components,
                           const std::vector<Index>& features, const Sample& sample) {
  if (sample.size() > 0 && sample.records.cols() != components.features()) {
    throw InputError(fmt::format("'/parameters' in {} are for {} features (must be {}, as in its '/data')",
                                 document.origin, components.features(), sample.records.cols()));
  }
  PairsContent content;
  const auto d = static_cast<Index>(features.size());
  const std::vector<std::string> names = feature_names_of(document, components.features());
  content.centres.resize(components.count(), d);
  content.records.resize(sample.size(), d);
  for (Index i = 0; i < d; ++i) {
    const Index feature = features[static_cast<std::size_t>(i)];
    content.names.push_back(names[static_cast<std::size_t>(feature)]);
    content.centres.col(i) = components.centres.col(feature);
    if (sample.size() > 0) content.records.col(i) = sample.records.col(feature);
  }
  content.labels = sample.labels;
  for (const Index label : content.labels) {
    if (label < components.count()) continue;
    throw InputError(
        fmt::format("'/parameters' in {} have {} components (must be as many as in its '/state')",
                    document.origin, components.count()));
  }
  if (components.variances.size() > 0) {
    for (Index k = 0; k < components.count(); ++k)
      content.covariances.push_back(covariance_of(document, k, features));
    content.masses = components.weights;
  } else if (document.has("/fit/sizes") && document.vector("/fit/sizes").size() == components.count()) {
    content.masses = document.vector("/fit/sizes") / document.vector("/fit/sizes").sum();
  }
  content.order.resize(static_cast<std::size_t>(components.count()));
  std::iota(content.order.begin(), content.order.end(), Index{0});
  if (content.masses.size() > 0) {
    std::stable_sort(content.order.begin(), content.order.end(),
                     [&](Index a, Index b) { return content.masses[a] > content.masses[b]; });
  }
  return content;
}

Range range_of(const PairsContent& content, Index feature) {
  Range contours, records;
  for (Index k = 0; k < content.components(); ++k) {
    const double sd = content.covariances.empty()
                          ? 0
                          : std::sqrt(content.covariances[static_cast<std::size_t>(k)](feature, feature));
    contours.include(content.centres(k, feature) - kContourSds * sd);
    contours.include(content.centres(k, feature) + kContourSds * sd);
  }
  if (content.records.rows() == 0) return widened(contours).padded(0.04);
  records.include(content.records.col(feature).minCoeff());
  records.include(content.records.col(feature).maxCoeff());
  const Range widest = records.padded(0.35);
  records.include(std::clamp(contours.low, widest.low, widest.high));
  records.include(std::clamp(contours.high, widest.low, widest.high));
  return widened(records).padded(0.03);
}

const char* line_of(const PairsContent& content) {
  return content.components() > 20 ? "line thin" : "line";
}

std::string hint_of(const PairsContent& content, Index k) {
  if (content.masses.size() == 0) return fmt::format("component {}", k);
  return fmt::format("component {}: {:.3g} %", k, 100 * content.masses[k]);
}

}  // namespace jensen::app::plot
