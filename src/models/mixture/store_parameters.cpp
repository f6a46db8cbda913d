#include <Eigen/Eigenvalues>
#include <cmath>

#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::mixture {
namespace {

/// Full covariances of many features are left out of files where volume and shape say the same.
constexpr Index kLargestDense = Index{1} << 24;

struct Decomposed {
  double volume;       // |Sigma|^(1/D)
  Vector shape;        // D, product 1
  Matrix orientation;  // D x D, eigenvectors in columns
};

/// Sigma = volume * orientation * diag(shape) * orientation' (Banfield and Raftery 1993).
Decomposed decompose_covariance(const Matrix& sigma, bool axis_aligned) {
  const Index d = sigma.rows();
  Vector eigenvalues = sigma.diagonal();
  Matrix orientation = Matrix::Identity(d, d);
  if (!axis_aligned) {
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(sigma);
    eigenvalues = eigen.eigenvalues().reverse();
    orientation = eigen.eigenvectors().rowwise().reverse();
  }
  const double volume = std::exp(eigenvalues.array().log().mean());
  return {volume, eigenvalues / volume, orientation};
}

void append(std::vector<double>& out, const RowMatrix& values) {
  out.insert(out.end(), values.data(), values.data() + values.size());
}

}  // namespace

void store_parameters(const Parameters& parameters, const Transform& transform, Document& document) {
  const auto& [family, weights, means, sigmas] = parameters;
  const Index d = parameters.features(), count = sigmas.count();
  const bool axis_aligned = family.form() != Quadratic::packed;
  std::vector<double> covariances, volumes, shapes, orientations;
  const bool dense = !axis_aligned || count * d * d <= kLargestDense;
  for (Index c = 0; c < count; ++c) {
    const Matrix sigma = sigmas.dense_in_units(transform, c);
    const Decomposed parts = decompose_covariance(sigma, axis_aligned);
    if (dense) append(covariances, sigma);
    volumes.push_back(parts.volume);
    append(shapes, parts.shape.transpose());
    if (!axis_aligned || c == 0) append(orientations, parts.orientation);
  }
  document.set_attribute("/fit", "components", parameters.components());
  store_transform(transform, document);
  document.set_attribute("/parameters", "family", std::string(family.letters));
  document.set("/parameters/weights", weights);
  document.set("/parameters/means", transform.to_original(means));
  if (dense) document.set("/parameters/covariances", covariances, {count, d, d});
  document.set("/parameters/volume", volumes, {count});
  document.set("/parameters/shape", shapes, {count, d});
  document.set("/parameters/orientation", orientations, {axis_aligned ? 1 : count, d, d});
}

}  // namespace jensen::mixture
