#pragma once

#include "jensen/data/transform.hpp"
#include "jensen/models/mixture/family.hpp"

namespace jensen::mixture {

/// Covariances of a mixture, one column a component (or one for all), in the family's form: the variance
/// (norm), the D variances (squares), or the D x D matrix (packed).
struct Covariances {
  Quadratic form = Quadratic::packed;
  Index features = 0;
  Matrix values = {};

  Covariances() = default;
  Covariances(Quadratic form, Index features, Index count);

  Index count() const { return values.cols(); }
  bool shared_by(Index components) const { return count() == 1 && components > 1; }
  /// Column of component k, also where one covariance is shared.
  Index column(Index k) const { return count() == 1 ? 0 : k; }

  Eigen::Map<Matrix> full(Index c) { return {values.col(c).data(), features, features}; }
  Eigen::Map<const Matrix> full(Index c) const { return {values.col(c).data(), features, features}; }

  Matrix dense(Index c) const;      // D x D, whatever the form
  Vector variances(Index c) const;  // D: the diagonal
  /// D x D in the data's units.
  Matrix dense_in_units(const Transform& transform, Index c) const;
  double norm(Index c) const { return values.col(c).norm(); }
};

/// W with W'W = Sigma^-1.
struct PrecisionRoot {
  Matrix whitening;            // lower triangular, D x D (packed), or D x 1 (1/sd)
  double log_determinant = 0;  // log |W|
};

/// Of covariance c, that of component c. Throws NumericalError, with the advice, where it is not positive
/// definite.
PrecisionRoot precision_root(const Covariances& covariances, Index c, const char* advice);

/// Second moments in the family's form, `quadratic_size` numbers, of records whose covariance is `sigma`, D x
/// D.
Vector second_moments_of(Quadratic form, const Matrix& sigma);

/// scatter / weight, where `scatter` has quadratic_size numbers of the form.
void estimate_covariance(Eigen::Ref<const Vector> scatter, double weight, Covariances& covariances, Index c);

/// Clips the eigenvalues of V^-1/2 Sigma V^-1/2 at `floor` from below, V the diagonal matrix of `reference`
/// variances: the maximiser of the likelihood under that bound (Ingrassia and Rocci 2007). Returns whether it
/// had to. A floor of 0 does nothing.
bool apply_floor(Covariances& covariances, Index c, const Vector& reference, double floor);

/// Largest change of covariance c from the values that it had, in units of the features' sds.
double largest_change(const Covariances& covariances, Index c, const Vector& old, const Vector& sd);

}  // namespace jensen::mixture
