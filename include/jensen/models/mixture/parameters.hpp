#pragma once

#include "jensen/models/mixture/covariance.hpp"

namespace jensen::mixture {

/// Parameters of a mixture of Gaussians in internal coordinates, wherever they lie: K weights, K x D means
/// and the covariances.
struct Parameters {
  const Family& family;
  const Vector& weights;
  const RowMatrix& means;
  const Covariances& covariances;

  Index components() const { return means.rows(); }
  Index features() const { return means.cols(); }
};

}  // namespace jensen::mixture
