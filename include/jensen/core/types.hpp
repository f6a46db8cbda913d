#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace jensen {

/// Counts and positions of records, features, components and blocks; signed, 64 bits.
using Index = std::int64_t;

using Vector = Eigen::VectorXd;
using RowVector = Eigen::RowVectorXd;
using Matrix = Eigen::MatrixXd;  // column-major: a feature's records are contiguous
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using MatrixView = Eigen::Map<const Matrix, Eigen::Aligned64>;

static_assert(std::is_same_v<Index, Eigen::Index>);

}  // namespace jensen
