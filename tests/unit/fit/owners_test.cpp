#include "jensen/fit/owners.hpp"

#include <catch2/catch.hpp>

#include "jensen/core/error.hpp"

using namespace jensen;

namespace {

/// One of each kind that travels.
struct Part {
  double value = 0;
  char flag = 0;
  RowMatrix rows = RowMatrix::Zero(2, 3);
  Matrix columns = Matrix::Zero(3, 2), covariance = Matrix::Zero(3, 3), factor = Matrix::Zero(3, 3);

  void describe(PartArchive& archive) {
    archive(value);
    archive(flag);
    archive(rows.row(1));
    archive(columns.col(0));
    archive.symmetric(covariance);
    archive.lower_triangle(factor);
  }
};

Part example() {
  Part part{.value = 0.1, .flag = 1};
  part.rows << 1, 2, 3, 4, 5, 6;
  part.columns << 7, 8, 9, 10, 11, 12;
  part.covariance << 2, -1, 0.5, -1, 3, 0.25, 0.5, 0.25, 4;
  part.factor << 1, 0, 0, 2, 3, 0, 4, 5, 6;
  return part;
}

}  // namespace

TEST_CASE("A part that travels arrives whole, half of its square matrices underway") {
  Part sent = example(), received;
  received.factor.setConstant(-1);
  PartArchive counting(PartArchive::Way::count, {});
  sent.describe(counting);
  REQUIRE(counting.size() == 2 + 3 + 3 + 6 + 6);
  std::vector<double> numbers(counting.size());
  PartArchive out(PartArchive::Way::out, numbers), in(PartArchive::Way::in, numbers);
  sent.describe(out);
  received.describe(in);
  CHECK(received.value == sent.value);
  CHECK(received.flag == 1);
  CHECK(received.rows.row(1) == sent.rows.row(1));
  CHECK(received.rows.row(0).isZero(0));
  CHECK(received.columns.col(0) == sent.columns.col(0));
  CHECK(received.columns.col(1).isZero(0));
  CHECK(received.covariance == sent.covariance);
  CHECK(received.factor == sent.factor);
}

TEST_CASE("Owners are asked only where there are several and their parts take long enough") {
  CHECK_FALSE(owners_are_faster(1000, 1.0, 8000, 1));
  CHECK_FALSE(owners_are_faster(1, 1.0, 8000, 64));  // one part: somebody must wait for it anyway
  CHECK_FALSE(owners_are_faster(3, 1e-7, 10, 2));
  CHECK(owners_are_faster(100, 16e-6, 561, 2));
  CHECK(owners_are_faster(100, 16e-6, 561, 4096));
  CHECK_FALSE(owners_are_faster(8, 1e-6, 45, 4096));
}

TEST_CASE("The first of several errors is kept") {
  std::exception_ptr first;
  CHECK(keep_first_error(first, [] {}));
  CHECK_FALSE(first);
  CHECK_FALSE(keep_first_error(first, [] { throw NumericalError("one"); }));
  CHECK_FALSE(keep_first_error(first, [] { throw InputError("two"); }));
  REQUIRE(first);
  CHECK_THROWS_WITH(std::rethrow_exception(first), "one");
}
