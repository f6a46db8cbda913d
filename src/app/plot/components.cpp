#include "components.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "jensen/core/error.hpp"
#include "jensen/core/options.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::size_t kMostFeatures = 6;
constexpr Index kDefaultFeatures = 4;

/// Sigma = volume * orientation * diag(shape) * orientation', of which components may share every part.
struct Decomposition {
  Vector volumes;
  RowMatrix shapes;
  std::span<const double> orientations;  // K or 1 times D x D, row-major

  explicit Decomposition(const Document& document)
      : volumes(document.vector("/parameters/volume")),
        shapes(document.matrix("/parameters/shape")),
        orientations(document.numbers("/parameters/orientation")) {
    const Index d = shapes.cols();
    if (volumes.size() != shapes.rows() || (volumes.size() == 0) ||
        (static_cast<Index>(orientations.size()) != d * d &&
         static_cast<Index>(orientations.size()) != volumes.size() * d * d)) {
      throw InputError(fmt::format("'/parameters/volume', 'shape' and 'orientation' in {} do not go together",
                                   document.origin));
    }
  }

  /// The factor A of Sigma_k = A A', D x D.
  RowMatrix factor(Index k) const {
    const Index d = shapes.cols(), c = volumes.size() == 1 ? 0 : k;
    const bool shared = static_cast<Index>(orientations.size()) == d * d;
    const Eigen::Map<const RowMatrix> orientation(orientations.data() + (shared ? 0 : c * d * d), d, d);
    const Vector scales = (volumes[c] * shapes.row(c)).array().sqrt();
    return orientation * scales.asDiagonal();
  }
};

std::optional<Index> number_of(const std::string& text) {
  Index number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

Index feature_of(const std::string& text, const std::vector<std::string>& names) {
  const auto named = std::find(names.begin(), names.end(), text);
  if (named != names.end()) return named - names.begin();
  const auto count = static_cast<Index>(names.size());
  const std::optional<Index> number = number_of(text);
  if (number && *number >= 1 && *number <= count) return *number - 1;
  const auto near = near_misses(text, names);
  throw UsageError(
      fmt::format("features: '{}' is no feature of the model (must be a name or a number from 1 to {}){}",
                  text, count, near.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(near, ", "))));
}

}  // namespace

Components components_of(const Document& document) {
  if (document.has("/parameters/centroids")) return {.centres = document.matrix("/parameters/centroids")};
  Components components{.centres = document.matrix("/parameters/means"),
                        .weights = document.vector("/parameters/weights")};
  const Index count = components.count(), d = components.features();
  const Decomposition parts(document);
  if (components.weights.size() != count || parts.shapes.cols() != d ||
      (parts.volumes.size() != 1 && parts.volumes.size() != count)) {
    throw InputError(fmt::format("the arrays of '/parameters' in {} do not go together", document.origin));
  }
  components.variances.resize(count, d);
  for (Index k = 0; k < count; ++k) {
    if (k == 0 || parts.volumes.size() > 1) {
      components.variances.row(k) = parts.factor(k).rowwise().squaredNorm().transpose();
    } else {
      components.variances.row(k) = components.variances.row(0);
    }
  }
  return components;
}

Matrix covariance_of(const Document& document, Index component, std::span<const Index> features) {
  const RowMatrix factor = Decomposition(document).factor(component);
  RowMatrix rows(static_cast<Index>(features.size()), factor.cols());
  for (std::size_t i = 0; i < features.size(); ++i) rows.row(static_cast<Index>(i)) = factor.row(features[i]);
  return rows * rows.transpose();
}

std::vector<Index> parse_features(const std::string& text, const std::vector<std::string>& names) {
  std::vector<Index> list;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const Index feature = feature_of(text.substr(begin, end - begin), names);
    if (std::find(list.begin(), list.end(), feature) != list.end()) {
      throw UsageError(fmt::format("features = '{}' names '{}' twice; name each feature once", text,
                                   names[static_cast<std::size_t>(feature)]));
    }
    list.push_back(feature);
    begin = end + 1;
  }
  if (list.size() > kMostFeatures) {
    throw UsageError(fmt::format("features = '{}' names {} features (must be at most {}, to be legible)",
                                 text, list.size(), kMostFeatures));
  }
  return list;
}

ChosenFeatures most_separating(const Components& components, const Vector& sizes, const RowMatrix& records) {
  const Index d = components.features();
  ChosenFeatures chosen;
  if (d <= kDefaultFeatures || components.count() == 1) {
    chosen.list.resize(static_cast<std::size_t>(std::min(d, kDefaultFeatures)));
    std::iota(chosen.list.begin(), chosen.list.end(), Index{0});
    if (d > kDefaultFeatures)
      chosen.why = fmt::format("The first {} of {} features are shown.", kDefaultFeatures, d);
    return chosen;
  }
  const Vector masses = components.weights.size() > 0        ? components.weights
                        : sizes.size() == components.count() ? sizes
                                                             : Vector::Ones(components.count());
  const RowVector shares = masses.transpose() / masses.sum();
  const RowVector centre = shares * components.centres;
  const RowVector between = shares * (components.centres.rowwise() - centre).cwiseAbs2();
  RowVector within = RowVector::Ones(d);
  std::string against = "";
  if (components.variances.size() > 0) {
    within = shares * components.variances;
    against = " against that within them";
  } else if (records.rows() > 1) {
    within = (records.rowwise() - records.colwise().mean()).cwiseAbs2().colwise().mean();
    against = " against that of the records";
  }
  const RowVector scores =
      (within.array() > 0).select(between.array() / within.array().max(1e-300), RowVector::Zero(d).array());
  std::vector<Index> order(static_cast<std::size_t>(d));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return scores[a] > scores[b]; });
  chosen.list.assign(order.begin(), order.begin() + kDefaultFeatures);
  std::sort(chosen.list.begin(), chosen.list.end());
  chosen.why = fmt::format(
      "Of {} features, the {} are shown whose variance between components{} is largest; --features names "
      "others.",
      d, kDefaultFeatures, against);
  return chosen;
}

}  // namespace jensen::app::plot
