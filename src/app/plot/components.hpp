#pragma once

#include <span>
#include <string>
#include <vector>

#include "jensen/core/document.hpp"

namespace jensen::app::plot {

/// The positions of all K components, and their shapes where the model has any, in the data's units.
struct Components {
  RowMatrix centres = {};    // K x D
  Vector weights = {};       // K, or empty (k-means)
  RowMatrix variances = {};  // K x D, or empty (k-means)

  Index count() const { return centres.rows(); }
  Index features() const { return centres.cols(); }
};

/// From "/parameters": means, weights and volume, shape, orientation of the covariances; or centroids. Throws
/// InputError.
Components components_of(const Document& document);

/// Component k's covariances of these features, d x d.
Matrix covariance_of(const Document& document, Index component, std::span<const Index> features);

/// The features that the text names, by name or number from 1, in its order. Throws UsageError: an unknown
/// one lists its near misses; one named twice; more than six.
std::vector<Index> parse_features(const std::string& text, const std::vector<std::string>& names);

/// Features to show, in rising order, and a sentence that says why these.
struct ChosenFeatures {
  std::vector<Index> list = {};
  std::string why = {};
};

/// The up to four features whose variance between components is largest against that within them; the records
/// (n x D, may be none) give the variances where components have none.
ChosenFeatures most_separating(const Components& components, const Vector& sizes, const RowMatrix& records);

}  // namespace jensen::app::plot
