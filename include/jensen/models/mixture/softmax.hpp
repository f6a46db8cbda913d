#pragma once

#include "jensen/core/cache_lines.hpp"

namespace jensen::mixture {

/// Differences of log joint densities are cut off here, nats: e^-500 changes no bit of a sum, and spares the
/// products denormal numbers, which are a hundred times slower.
template <class T>
inline constexpr double kNegligible = 500;
/// In float e^-80 is a normal number yet.
template <>
inline constexpr double kNegligible<float> = 80;

/// Turns log joint densities into responsibilities in place, row by row, by log-sum-exp.
///
/// `log_joint` (B x K) becomes the responsibilities; `log_density` (B) gets log sum_k exp(log_joint). A
/// record to which every component gives density zero gets a log-density that is not finite.
template <class Joint>
void normalise(Joint&& log_joint, Eigen::ArrayXd& log_density) {
  Eigen::ArrayXd largest = log_joint.rowwise().maxCoeff();
  Eigen::ArrayXd total = Eigen::ArrayXd::Zero(log_joint.rows());
  for (Index k = 0; k < log_joint.cols(); ++k) {
    auto column = log_joint.col(k).array();
    column = (column - largest).max(-kNegligible<double>).exp();
    total += column;
  }
  log_density = largest + total.log();
  const Eigen::ArrayXd inverse = total.inverse();
  for (Index k = 0; k < log_joint.cols(); ++k) log_joint.col(k).array() *= inverse;
}

/// The same for the tiles of the kernels, record by record: the log joint densities of record n are
/// factor * scores[n * stride + k].
///
/// T is double or float. `factor` is a power of two, or minus one. `stride`, of whole vectors, is the number
/// of components padded by densities of zero. `scores` and `log_density` start on cache lines; the latter has
/// room for as many records as a vector has lanes. `soon`: cache lines that are to be read next.
template <class T>
void normalise(Index rows, Index stride, double factor, T* scores, double* log_density, CacheLines soon = {});

}  // namespace jensen::mixture
