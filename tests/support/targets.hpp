#pragma once

#include "jensen/data/response_shard.hpp"
#include "jensen/models/advi/target.hpp"

namespace test {

/// A normal posterior with mean `mean` and precision `precision`, and data that say nothing.
struct NormalTarget {
  jensen::Vector mean;
  jensen::Matrix precision;

  std::vector<jensen::advi::ParameterBlock> parameters() const {
    return {{.name = "x", .size = mean.size()}};
  }
  jensen::advi::Var log_prior(jensen::advi::Parameters theta) const {
    using jensen::Index;
    jensen::advi::Var square = 0;
    for (Index i = 0; i < mean.size(); ++i) {
      for (Index j = 0; j < mean.size(); ++j) {
        square += precision(i, j) * (element(theta[0], i) - mean[i]) * (element(theta[0], j) - mean[j]);
      }
    }
    return -0.5 * square;
  }
  jensen::advi::Var log_likelihood(jensen::advi::Parameters, const jensen::ResponseBlock&) const { return 0; }
};

/// N(0, 1), up to a constant, but NaN beyond `edge`.
struct EdgeTarget {
  double edge;
  double constant = 0;

  std::vector<jensen::advi::ParameterBlock> parameters() const { return {{.name = "x"}}; }
  jensen::advi::Var log_prior(jensen::advi::Parameters theta) const {
    return constant - 0.5 * square(theta[0]) + 0 * log(edge - theta[0]);
  }
  jensen::advi::Var log_likelihood(jensen::advi::Parameters, const jensen::ResponseBlock&) const { return 0; }
};

/// One record that says nothing.
inline jensen::ResponseShard no_data() {
  return jensen::ResponseShard(jensen::make_serial_shard(jensen::RowMatrix::Zero(1, 1)));
}

}  // namespace test
