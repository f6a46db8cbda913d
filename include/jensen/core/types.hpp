#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace jensen {

/// Counts and positions of records, features, components and blocks; signed, 64 bits.
using Index = std::int64_t;

using Vector = Eigen::VectorXd;
using RowVector = Eigen::RowVectorXd;
using Matrix = Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using RowMatrixView = Eigen::Map<const RowMatrix, Eigen::Aligned64>;

static_assert(std::is_same_v<Index, Eigen::Index>);

}  // namespace jensen
