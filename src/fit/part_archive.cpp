#include "jensen/fit/part_archive.hpp"

#include <algorithm>

namespace jensen {

void PartArchive::copy(std::span<double> values) {
  if (way_ != Way::count) {
    const std::span<double> place = numbers_.subspan(size_, values.size());
    if (way_ == Way::out) std::copy(values.begin(), values.end(), place.begin());
    if (way_ == Way::in) std::copy(place.begin(), place.end(), values.begin());
  }
  size_ += values.size();
}

void PartArchive::operator()(char& flag) {
  double value = flag;
  copy({&value, 1});
  if (way_ == Way::in) flag = static_cast<char>(value);
}

void PartArchive::copy_columns_of_lower(Eigen::Ref<Matrix> matrix) {
  for (Index j = 0; j < matrix.cols(); ++j) {
    copy({&matrix(j, j), static_cast<std::size_t>(matrix.rows() - j)});
  }
}

void PartArchive::lower_triangle(Eigen::Ref<Matrix> matrix) {
  copy_columns_of_lower(matrix);
  if (way_ == Way::in) matrix.triangularView<Eigen::StrictlyUpper>().setZero();
}

void PartArchive::symmetric(Eigen::Ref<Matrix> matrix) {
  copy_columns_of_lower(matrix);
  if (way_ == Way::in) matrix.triangularView<Eigen::StrictlyUpper>() = matrix.transpose();
}

}  // namespace jensen
