#include "jensen/fit/archive.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"

using namespace jensen;

namespace {

struct Everything {
  double number = 0.1;
  Index integer = (Index{1} << 62) + 1;
  Vector vector = Vector::LinSpaced(3, 0, 1);
  Matrix columns = Matrix::Identity(2, 3);
  RowMatrix rows = RowMatrix::Identity(3, 2);
  std::vector<double> numbers = {-0.0, std::numeric_limits<double>::denorm_min()};
  std::vector<Index> integers = {-7};

  void describe(Archive& archive) {
    archive("number", number);
    archive("integer", integer);
    archive("vector", vector);
    archive("columns", columns);
    archive("rows", rows);
    archive("numbers", numbers);
    archive("integers", integers);
  }
};

struct Longer {
  Vector vector = Vector::Zero(4);
  void describe(Archive& archive) { archive("vector", vector); }
};
struct Stranger {
  double other = 1;
  void describe(Archive& archive) { archive("other", other); }
};
struct WrongKind {
  Index number = 1;
  void describe(Archive& archive) { archive("number", number); }
};

}  // namespace

TEST_CASE("A state restores every kind of field to the bit") {
  Everything from, to;
  from.columns(1, 2) = std::nextafter(1.0, 2.0);
  from.rows(2, 0) = -3;
  const State state = save_state(from);
  to.number = 7, to.integer = 0, to.vector.setZero(), to.columns.setZero(), to.rows.setZero();
  to.numbers = {1, 2}, to.integers = {0};
  load_state(to, state);
  CHECK(save_state(to) == state);
  CHECK(to.columns == from.columns);
  CHECK(to.rows == from.rows);
  CHECK(to.integer == (Index{1} << 62) + 1);
  CHECK(std::signbit(to.numbers[0]));
}

TEST_CASE("A state passes through a document unchanged") {
  Everything from;
  const State state = save_state(from);
  Document document;
  document.set("/parameters/weights", Vector(Vector::Ones(2)));
  store_state(state, document);
  CHECK(document.has("/state/vector"));
  CHECK(stored_state(document) == state);
}

TEST_CASE("Loading says what is missing or of another length, and what was expected") {
  Everything from;
  const State state = save_state(from);
  Longer longer;
  CHECK_THROWS_MATCHES(load_state(longer, state), InputError,
                       Catch::Message("'vector' in the saved state has 3 values (must be 4)"));
  Stranger stranger;
  CHECK_THROWS_MATCHES(load_state(stranger, state), InputError,
                       Catch::Message("no 'other' in the saved state of the model"));
  WrongKind wrong;
  CHECK_THROWS_AS(load_state(wrong, state), InputError);
}
