#include "jensen/fit/em_model.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace jensen;

TEST_CASE("Matrix sums lie one after the other in what travels") {
  MatrixSums sums{{2, 3}, {2}, {1, 4}};
  REQUIRE(sums.body().size() == 6 + 2 + 4);
  REQUIRE((sums[0].rows() == 2 && sums[0].cols() == 3));
  REQUIRE((sums[1].rows() == 2 && sums[1].cols() == 1));
  REQUIRE((sums[2].rows() == 1 && sums[2].cols() == 4));
  double next = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (double& value : sums[i].reshaped()) value = ++next;
  }
  for (std::size_t i = 0; i < sums.body().size(); ++i) CHECK(sums.body()[i] == static_cast<double>(i + 1));
  const MatrixSums copy = sums;
  CHECK(copy[2](0, 3) == 12);
  sums.clear();
  CHECK(sums[1].isZero(0));
  CHECK(copy[1](1) == 8);
}

TEST_CASE("Records count with their weights, those of weight 0 not at all") {
  const AlignedVector<double> values(3, 1.0);
  const std::vector<double> weights = {2, 0, 0.5};
  const DenseBlock block{
      .first_record = 0, .records = RowMatrixView(values.data(), 3, 1), .weights = weights};
  MatrixSums sums{{1}};
  sums.add_records(block, Eigen::Array3d(-3, -std::numeric_limits<double>::infinity(), 4));
  sums.add_records(block, Eigen::Array3d(1, 1, 1));
  CHECK(sums.objective() == -6 + 2 + 2.5);
  CHECK(sums.magnitude() == 6 + 2 + 2.5);
  CHECK(sums.weight() == 5);
  CHECK(sums.records() == 6);

  Matrix rows(3, 2);
  rows << 1, 2, std::numeric_limits<double>::quiet_NaN(), 1, 4, 8;
  apply_weights(block, rows);
  CHECK(rows == (Matrix(3, 2) << 2, 4, 0, 0, 2, 4).finished());
}
