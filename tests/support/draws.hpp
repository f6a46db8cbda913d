#pragma once

#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/types.hpp"

namespace test {

/// Checks that independent draws have that mean and variance, within 4.5 standard errors; that of a variance
/// is by the draws' own fourth moment.
inline void check_moments(const Eigen::ArrayXd& draws, double mean, double variance) {
  const auto count = static_cast<double>(draws.size());
  const Eigen::ArrayXd squares = (draws - mean).square();
  CHECK(std::abs(draws.mean() - mean) < 4.5 * std::sqrt(variance / count));
  CHECK(std::abs(squares.mean() - variance) <
        4.5 * std::sqrt((squares - squares.mean()).square().mean() / count));
}

/// Checks that a share of independent events has that probability, likewise.
inline void check_share(double share, double probability, jensen::Index count) {
  CHECK(std::abs(share - probability) <
        4.5 * std::sqrt(probability * (1 - probability) / static_cast<double>(count)));
}

}  // namespace test
