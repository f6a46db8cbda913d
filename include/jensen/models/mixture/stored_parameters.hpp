#pragma once

#include <string>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/data/transform.hpp"
#include "jensen/models/mixture/parameters.hpp"

namespace jensen::mixture {

/// Parameters of a mixture as model files have them, in the data's units.
struct StoredParameters {
  Vector weights = {};                   // K
  RowMatrix means = {};                  // K x D
  std::vector<Matrix> covariances = {};  // K, or one that all share, each D x D; none where the file has none
};

/// Reads them and makes sure that they are those of a mixture: sizes go together; weights are not negative
/// and add up to 1 within 1e-8; covariances are symmetric and positive definite; all is finite. Throws
/// InputError naming the file.
StoredParameters stored_parameters(const Document& document);

/// Throws InputError, without naming the file, where `stored_parameters` would.
void require_parameters(const Document& document);

/// Throws InputError where the arrays of "/parameters" are not K components of D features, as component
/// tables need them; looks at no value.
void require_shapes(const Document& document);

/// Throw InputError, `place` being "/state" or "/parameters", where these cannot be parameters of a mixture.
void require_weights(const Vector& weights, const std::string& place);
void require_covariance(const Eigen::Ref<const Matrix>& covariance, Index c, const std::string& place);

/// Writes them in the data's units under "/parameters": weights, means, covariances and their decomposition
/// into volume, shape and orientation; and the transform.
void store_parameters(const Parameters& parameters, const Transform& transform, Document& document);

/// Throws InputError where "/parameters" and these, loaded from "/state", differ by more than 1e-9: weights
/// absolutely, means and covariances in units of their component's standard deviations.
void require_agreement(const Parameters& parameters, const Transform& transform, const Document& document);

}  // namespace jensen::mixture
