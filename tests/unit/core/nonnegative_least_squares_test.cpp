#include "jensen/core/nonnegative_least_squares.hpp"

#include <catch2/catch.hpp>

#include "support/samples.hpp"

using namespace jensen;

namespace {

/// No number can be changed for the better: slopes are 0 where x > 0, and downhill only into x < 0 elsewhere.
void check_optimal(const Matrix& a, const Vector& b) {
  const Vector x = nonnegative_least_squares(a, b);
  const Vector slope = a.transpose() * (b - a * x);
  for (Index j = 0; j < x.size(); ++j) {
    INFO("number " << j << " is " << x[j] << ", slope " << slope[j]);
    CHECK(x[j] >= 0);
    CHECK(slope[j] < 1e-8);
    if (x[j] > 0) CHECK(slope[j] > -1e-8);
  }
}

}  // namespace

TEST_CASE("least squares without negative numbers have no better neighbour", "[core]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const Index columns : {1, 4, 30}) {
      const Matrix a = test::normal_records(8, columns, seed);
      check_optimal(a, test::normal_records(8, 1, seed + 100).col(0));
    }
  }
}

TEST_CASE("columns that say the same, and what cannot be reached, are no trouble", "[core]") {
  Matrix a(3, 4);
  a << 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0;
  check_optimal(a, Eigen::Vector3d(2, 3, 1));
  CHECK((a * nonnegative_least_squares(a, Eigen::Vector3d(2, 3, 1)) - Eigen::Vector3d(2, 3, 0)).norm() <
        1e-12);
  CHECK(nonnegative_least_squares(a, Eigen::Vector3d(-1, -1, 5)) == Vector::Zero(4));
  CHECK(nonnegative_least_squares(Matrix(3, 0), Eigen::Vector3d(1, 1, 1)).size() == 0);
}
