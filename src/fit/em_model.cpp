#include "jensen/fit/em_model.hpp"

#include <utility>

namespace jensen {
namespace {

Index size_of(std::initializer_list<MatrixSums::Shape> shapes) {
  Index size = 0;
  for (const auto& shape : shapes) size += shape.rows * shape.cols;
  return size;
}

}  // namespace

MatrixSums::MatrixSums(std::initializer_list<Shape> shapes) : Statistics(size_of(shapes)), shapes_(shapes) {
  Index begin = 0;
  for (const Shape& shape : shapes_) {
    begins_.push_back(begin);
    begin += shape.rows * shape.cols;
  }
}

void MatrixSums::add_records(const DenseBlock& block, Eigen::ArrayXd objectives) {
  block.apply_weights(objectives);
  objective() += objectives.sum();
  magnitude() += objectives.abs().sum();
  weight() += block.total_weight();
  records() += static_cast<double>(block.rows());
}

void apply_weights(const DenseBlock& block, Matrix& rows) {
  for (Index k = 0; k < rows.cols(); ++k) {
    auto column = rows.col(k).array();
    block.apply_weights(column);
  }
}

}  // namespace jensen
