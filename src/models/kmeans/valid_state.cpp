#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "jensen/models/kmeans/method.hpp"

namespace jensen::kmeans {
namespace {

void require(bool fine, const char* name, const char* what) {
  if (!fine) throw InputError(fmt::format("'/state/{}' is not {} (must be)", name, what));
}

RowMatrix read_valid(const Document& document) {
  const char* const path = document.has("/parameters/means") ? "/parameters/means" : "/parameters/centroids";
  RowMatrix centroids = document.matrix(path);
  if (centroids.size() == 0) throw InputError(fmt::format("'{}' is empty (must be K x D)", path));
  if (!centroids.allFinite()) throw InputError(fmt::format("'{}' is not finite everywhere (must be)", path));
  return centroids;
}

}  // namespace

void KMeans::require_valid(const Transform& transform) const {
  require(centroids_.allFinite(), "centroids", "finite everywhere");
  require(sd_.allFinite() && (sd_.array() >= 0).all(), "sd", "0 or more and finite everywhere");
  const bool common = (transform.scale.array() == transform.scale[0]).all();
  require(scale_ == (common ? transform.scale[0] : 1.0), "scale", "that of '/preprocess/scale'");
  require(rough_ == 0 || rough_ == 1, "rough", "0 or 1");
}

RowMatrix stored_centroids(const Document& document) {
  try {
    return read_valid(document);
  } catch (const InputError& error) {
    throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, error.what()));
  }
}

void Method::require_parameters(const Document& document) {
  read_valid(document);
}

void Method::require_agreement(const Model& model, const Transform& transform, const Document& document) {
  const RowMatrix found = document.matrix("/parameters/centroids");
  const RowMatrix expected = transform.to_original(model.centroids());
  if (found.rows() != expected.rows() || found.cols() != expected.cols()) {
    throw InputError(fmt::format("'/parameters/centroids' is {} x {} (must be {} x {}, as in '/state')",
                                 found.rows(), found.cols(), expected.rows(), expected.cols()));
  }
  const double spread = transform.scale.cwiseInverse().maxCoeff();  // about the sd of a feature
  for (Index k = 0; k < found.rows(); ++k) {
    for (Index d = 0; d < found.cols(); ++d) {
      const double error = std::abs(found(k, d) - expected(k, d));
      if (error <= 1e-9 * (spread + std::abs(expected(k, d)))) continue;
      throw InputError(fmt::format(
          "centroid {}, feature {}, is {} in '/parameters', but {} by '/state' (must be the same)", k, d,
          found(k, d), expected(k, d)));
    }
  }
}

}  // namespace jensen::kmeans
