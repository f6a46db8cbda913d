#pragma once

#include <initializer_list>
#include <vector>

#include "jensen/data/block.hpp"
#include "jensen/fit/model.hpp"

namespace jensen {

/// The sums of a pass as matrices: `MatrixSums({{K, D}, {K}})` has K x D sums [0] and K sums [1], all zero.
class MatrixSums : public Statistics {
 public:
  struct Shape {
    Index rows = 0;
    Index cols = 1;
  };

  MatrixSums(std::initializer_list<Shape> shapes);

  Eigen::Map<Matrix> operator[](std::size_t i) {
    return {body().data() + begins_[i], shapes_[i].rows, shapes_[i].cols};
  }
  Eigen::Map<const Matrix> operator[](std::size_t i) const {
    return {body().data() + begins_[i], shapes_[i].rows, shapes_[i].cols};
  }

  /// Counts the block's records: their weights, and what each adds to the objective (B), times its weight.
  void add_records(const DenseBlock& block, Eigen::ArrayXd objectives);

 private:
  std::vector<Shape> shapes_;
  std::vector<Index> begins_;  // in the body
};

/// What models that EM fits to dense records have in common, to derive from. Such a model writes `make_sums`,
/// `local_step` (the E-step, which ends in `add_records`), `global_step` (the M-step) and `describe`; what
/// else `Model` asks for is here: no caches, nothing to prepare, a log-likelihood that never falls.
struct EmModel {
  using Block = DenseBlock;
  using Sums = MatrixSums;
  struct Cache {};

  void prepare(Index) {}
  double objective(const Sums& total) const { return total.objective(); }
  bool monotone() const { return true; }
  ObjectiveUnits units() const { return {"log-likelihood", "nats", 1, 0}; }
};

/// Row n times the weight of record n: of responsibilities, of posterior means (B rows).
void apply_weights(const DenseBlock& block, Matrix& rows);

}  // namespace jensen
