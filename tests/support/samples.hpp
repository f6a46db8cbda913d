#pragma once

#include <vector>

#include "jensen/core/types.hpp"

namespace test {

/// Standard normal records, keyed by (seed, record).
jensen::RowMatrix normal_records(jensen::Index records, jensen::Index features, std::uint64_t seed);

/// A symmetric positive definite matrix with random axes and eigenvalues spaced evenly in logarithm between
/// 1 and 1/condition.
jensen::Matrix random_covariance(jensen::Index features, double condition, std::uint64_t seed);

/// A Gaussian mixture, and records drawn from it with the components that they came from.
struct TrueMixture {
  jensen::Vector weights;
  jensen::RowMatrix means;
  std::vector<jensen::Matrix> covariances;  // K
};
struct Sample {
  jensen::RowMatrix records;
  std::vector<jensen::Index> labels;
};
Sample draw(const TrueMixture& mixture, jensen::Index records, std::uint64_t seed);

/// Labels 0 ... K-1 in turn, or at random.
std::vector<jensen::Index> labels_in_turn(jensen::Index records, jensen::Index components);
std::vector<jensen::Index> random_labels(jensen::Index records, jensen::Index components, std::uint64_t seed);

}  // namespace test
