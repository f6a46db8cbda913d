#include <stdexcept>

#include "support/world.hpp"

namespace {

bool is_last() {
  return test::world().rank() == test::world().size() - 1;
}

}  // namespace

TEST_CASE("requirement missed by the last rank") {
  SECTION("first") {
    REQUIRE(!is_last());
    test::world().sum(1);
  }
  SECTION("second") {
    test::world().barrier();
  }
}

TEST_CASE("exception on the last rank") {
  if (is_last()) throw std::runtime_error("planted exception");
  test::world().barrier();
}

TEST_CASE("check missed by the last rank") {
  CHECK(!is_last());
  test::world().barrier();
}

TEST_CASE("requirement missed by all ranks") {
  REQUIRE_ALL(!is_last());
}

TEST_CASE("passing") {
  REQUIRE_ALL(test::world().sum(1) == test::world().size());
}
