#pragma once

#include "jensen/models/mixture/family.hpp"

namespace jensen::bayes_gmm {

/// Wishart distribution of a component's precision Lambda in D features, in a covariance family's form: of
/// the matrix (packed), of each feature's precision by itself (squares: D Wisharts of one dimension), or of
/// one precision for all features (norm: one Wishart of one dimension, of D times the degrees of freedom).
///
/// Degrees of freedom count records in every form. `log_mean` is log |E Lambda|. Numbers are long double: the
/// terms grow as degrees * log(degrees), their sums do not.
struct Wishart {
  mixture::Quadratic form;
  Index features;
  double degrees;
  double log_mean;

  /// E log |Lambda| (Bishop 2006, eq. 10.65 and B.81).
  long double mean_log_determinant() const;
  /// log of 1 / B(W, nu) (Bishop 2006, eq. B.79).
  long double log_normaliser() const;
};

/// KL(q || p). `relative_trace`: of E_p[Lambda]^-1 E_q[Lambda], summed over features.
long double divergence(const Wishart& q, const Wishart& p, double relative_trace);

}  // namespace jensen::bayes_gmm
