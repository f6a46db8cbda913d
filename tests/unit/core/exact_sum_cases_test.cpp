#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "jensen/core/exact_sum.hpp"

using jensen::ExactSum;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kSmallest = std::numeric_limits<double>::denorm_min();

ExactSum added(const std::vector<double>& addends) {
  ExactSum sum(1);
  for (const double& addend : addends) sum.add({&addend, 1});
  return sum;
}

double result(const ExactSum& sum) {
  double value = 0;
  sum.round_into({&value, 1});
  return value;
}

double sum_of(const std::vector<double>& addends) {
  return result(added(addends));
}

}  // namespace

TEST_CASE("rounding of exact sums: ties to even, and what breaks a tie", "[exact_sum]") {
  CHECK(sum_of({1, 0x1p-53}) == 1);
  CHECK(sum_of({1, 0x1p-53, 0x1p-80}) == 1 + 0x1p-52);
  CHECK(sum_of({1, 0x1p-53, -0x1p-80}) == 1);
  CHECK(sum_of({1 + 0x1p-52, 0x1p-53}) == 1 + 0x1p-51);
  CHECK(sum_of({1 + 0x1p-52, 0x1p-53, -0x1p-80}) == 1 + 0x1p-52);
  CHECK(sum_of({-1, -0x1p-53}) == -1);
  CHECK(sum_of({-1, -0x1p-53, -0x1p-80}) == -1 - 0x1p-52);
  CHECK(sum_of({0x1p40, 0x1p-13}) == 0x1p40);
  CHECK(sum_of({0x1p40, 0x1p-13, 0x1p-40}) == 0x1p40 + 0x1p-12);
}

TEST_CASE("massive cancellation leaves the small addends", "[exact_sum]") {
  CHECK(sum_of({0x1p60, 1, -0x1p60}) == 1);
  CHECK(sum_of({1e16, 3.25, -1e16, -3}) == 0.25);
  CHECK(sum_of({0x1p39, 0x1p-80, -0x1p39}) == 0x1p-80);
  CHECK(sum_of({0x1p40, 0x1p-80, -0x1p40}) == 0);  // below the window of 2^40
}

TEST_CASE("denormal results are exact", "[exact_sum]") {
  CHECK(sum_of({kSmallest}) == kSmallest);
  CHECK(sum_of({kSmallest, kSmallest, kSmallest}) == 3 * kSmallest);
  CHECK(sum_of({0x1p-1022, -kSmallest}) == 0x1p-1022 - kSmallest);
  CHECK(sum_of({0x1.8p-1000, kSmallest, -0x1.8p-1000}) == kSmallest);
  CHECK(sum_of({-kSmallest, kSmallest}) == 0);
}

TEST_CASE("only the result can overflow, never an intermediate sum", "[exact_sum]") {
  CHECK(sum_of({kLargest}) == kLargest);
  CHECK(sum_of({kLargest, kLargest}) == kInfinity);
  CHECK(sum_of({-kLargest, -kLargest}) == -kInfinity);
  CHECK(sum_of({kLargest, kLargest, -kLargest}) == kLargest);
  CHECK(sum_of({kLargest, 0x1p969}) == kLargest);
  CHECK(sum_of({kLargest, 0x1p970}) == kInfinity);  // half a unit in the last place: to even
}

TEST_CASE("an exact zero is +0", "[exact_sum]") {
  const std::vector<std::vector<double>> cases = {{}, {0.0}, {-0.0}, {-0.0, -0.0}, {1e300, -1e300}};
  for (const std::vector<double>& addends : cases) {
    CHECK(sum_of(addends) == 0);
    CHECK_FALSE(std::signbit(sum_of(addends)));
  }
  CHECK(ExactSum().size() == 0);
  CHECK_NOTHROW(ExactSum().add({}));
}

TEST_CASE("non-finite addends are counted and give what IEEE would", "[exact_sum]") {
  const auto count = [](const std::vector<double>& addends) { return added(addends).non_finite_count(); };
  CHECK(sum_of({1, kInfinity, -kLargest}) == kInfinity);
  CHECK(sum_of({-kInfinity, 1, -kInfinity}) == -kInfinity);
  CHECK(std::isnan(sum_of({kInfinity, -kInfinity})));
  CHECK(std::isnan(sum_of({1, kNan, 1})));
  CHECK(std::isnan(sum_of({kInfinity, kNan})));
  CHECK(count({1, kInfinity, -kInfinity, kNan, -kNan, 2}) == 4);
  CHECK(count({kLargest, kLargest}) == 0);
}

TEST_CASE("a non-finite addend leaves its neighbours alone", "[exact_sum]") {
  std::vector<double> addends(100);
  std::iota(addends.begin(), addends.end(), 0.5);
  addends[70] = kNan;
  ExactSum sum(100);
  sum.add(addends);
  std::vector<double> sums(100);
  sum.round_into(sums);
  for (std::size_t i = 0; i < 100; ++i) {
    if (i != 70) CHECK(sums[i] == addends[i]);
  }
  CHECK(std::isnan(sums[70]));
}

TEST_CASE("marks and counts of non-finite addends survive merging, and clear removes them", "[exact_sum]") {
  ExactSum sum = added({1, kInfinity});
  sum.merge(added({kNan, -kInfinity, 2}));
  CHECK(std::isnan(result(sum)));
  CHECK(sum.non_finite_count() == 3);
  sum.merge(added({kInfinity}));
  CHECK(sum.non_finite_count() == 4);
  sum.clear();
  CHECK(sum.non_finite_count() == 0);
  CHECK(result(sum) == 0);
  const double tiny = 0x1p-300;
  sum.add({&tiny, 1});
  CHECK(result(sum) == tiny);
}

TEST_CASE("range additions reach their entries alone", "[exact_sum]") {
  const std::size_t size = 150;
  for (const std::size_t offset : {0u, 1u, 63u, 64u, 65u, 127u, 149u, 150u}) {
    for (const std::size_t length : {0u, 1u, 63u, 64u, 65u, 130u}) {
      if (offset + length > size) continue;
      ExactSum sum(size);
      sum.add(std::vector<double>(size, 1.0));
      sum.add(offset, std::vector<double>(length, 0x1p-50));
      std::vector<double> sums(size);
      sum.round_into(sums);
      for (std::size_t i = 0; i < size; ++i) {
        REQUIRE(sums[i] == (i >= offset && i < offset + length ? 1 + 0x1p-50 : 1.0));
      }
    }
  }
  ExactSum sum(size);
  CHECK_THROWS_AS(sum.add(149, std::vector<double>(2)), std::out_of_range);
  CHECK_THROWS_AS(sum.add(151, std::vector<double>(0)), std::out_of_range);
  std::vector<double> short_of_one(149);
  CHECK_THROWS_AS(sum.round_into(short_of_one), std::out_of_range);
}

TEST_CASE("elements of an exact sum can be stored, loaded and added to", "[exact_sum]") {
  ExactSum sum(3);
  sum.add(std::vector<double>{0x1p100, kInfinity, 0x1p-1074});
  std::vector<ExactSum::Element> elements(3);
  sum.store(elements);
  ExactSum other(3);
  other.load(elements);
  other.add(std::vector<double>{1, 1, -0x1p-1074});
  std::vector<double> sums(3);
  other.round_into(sums);
  CHECK(sums == std::vector<double>{0x1p100, kInfinity, 0});
  other.add(std::vector<double>{-0x1p100, 0, 0});
  other.round_into(sums);
  CHECK(sums[0] == 1);
}

TEST_CASE("sums of different sizes are not merged, stored or loaded", "[exact_sum]") {
  ExactSum sum(3);
  std::vector<ExactSum::Element> two(2);
  CHECK_THROWS_AS(sum.merge(ExactSum(2)), std::out_of_range);
  CHECK_THROWS_AS(sum.merge(ExactSum(4)), std::out_of_range);
  CHECK_THROWS_AS(sum.store(two), std::out_of_range);
  CHECK_THROWS_AS(sum.load(two), std::out_of_range);
}

TEST_CASE("counters merge as plain integers", "[exact_sum]") {
  std::vector<ExactSum::Element> mine = {ExactSum::counters({1, -2, std::int64_t{1} << 62})};
  const std::vector<ExactSum::Element> theirs = {ExactSum::counters({41, 2, -1})};
  ExactSum::merge_elements(theirs, mine);
  CHECK(mine[0].tag == theirs[0].tag);
  CHECK(mine[0].digits == std::array<std::int64_t, 3>{42, 0, (std::int64_t{1} << 62) - 1});
}

TEST_CASE("2^22 additions of the largest digit are exact, many more are refused", "[exact_sum]") {
  const double addend = 0x1p40 - 1;
  ExactSum sum(1);
  for (int i = 0; i < 1 << 22; ++i) sum.add({&addend, 1});
  CHECK(result(sum) == 0x1p62 - 0x1p22);
  CHECK_THROWS_AS(
      [&] {
        for (int i = 0; i < 1 << 21; ++i) sum.add({&addend, 1});
      }(),
      std::length_error);
}
