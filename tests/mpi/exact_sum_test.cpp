#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "support/world.hpp"

using jensen::Communicator;
using jensen::ExactSum;
using test::world;

namespace {

constexpr std::size_t kEntries = 67, kAddends = 60;
using Rows = std::vector<std::vector<double>>;

Rows wild_rows() {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> exponent(-300, 300), near(-3, 3);
  Rows rows(kAddends, std::vector<double>(kEntries));
  for (auto& row : rows) {
    for (std::size_t i = 0; i < kEntries; ++i) {
      const double size = i % 2 == 0 ? exponent(random) : near(random);
      row[i] = (random() % 2 == 0 ? 1 : -1) * std::pow(10.0, size);
    }
  }
  return rows;
}

std::vector<std::uint64_t> bits(const ExactSum& sum) {
  std::vector<double> sums(sum.size());
  sum.round_into(sums);
  std::vector<std::uint64_t> patterns;
  for (const double value : sums) patterns.push_back(std::bit_cast<std::uint64_t>(value));
  return patterns;
}

/// The merged sum of rows that are spread as `owner_of` says; unowned rows are nobody's.
ExactSum merged(const Communicator& comm, const Rows& rows, const std::function<int(std::size_t)>& owner_of) {
  ExactSum sum(kEntries);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (owner_of(i) == comm.rank()) sum.add(rows[i]);
  }
  std::vector<ExactSum::Element> elements(kEntries);
  sum.store(elements);
  comm.merge(elements);
  sum.load(elements);
  return sum;
}

}  // namespace

TEST_CASE("merged exact sums equal the serial sum to the bit, however addends are spread", "[merge]") {
  const Rows rows = wild_rows();
  ExactSum serial(kEntries);
  for (const auto& row : rows) serial.add(row);
  const auto expected = bits(serial);
  const auto size = static_cast<std::size_t>(world().size());
  std::mt19937_64 random(12);
  std::vector<int> scattered(kAddends);
  for (int& owner : scattered) owner = static_cast<int>(random() % size);
  const std::vector<std::function<int(std::size_t)>> spreads = {
      [&](std::size_t i) { return static_cast<int>(i % size); },
      [&](std::size_t i) { return static_cast<int>(i * size / kAddends); },
      [&](std::size_t) { return static_cast<int>(size) - 1; },
      [&](std::size_t i) { return scattered[i]; },
  };
  for (const Communicator& comm : {world(), world().with_count_limit(7)}) {
    for (const auto& owner_of : spreads) {
      REQUIRE_ALL(bits(merged(comm, rows, owner_of)) == expected);
    }
  }
}

TEST_CASE("a slice merged on its rank alone equals that part of the serial sum to the bit", "[merge]") {
  const Rows rows = wild_rows();
  ExactSum serial(kEntries);
  for (const auto& row : rows) serial.add(row);
  const auto expected = bits(serial);
  const auto size = static_cast<std::size_t>(world().size());
  const auto even = [&](std::size_t slice) { return slice * kEntries / size; };
  const auto all_in_last = [&](std::size_t slice) { return slice < size ? 0 : kEntries; };
  const auto every_other = [&](std::size_t slice) {
    return slice < size ? slice / 2 * 2 * kEntries / size : kEntries;
  };
  const std::vector<std::function<std::size_t(std::size_t)>> cuts = {even, all_in_last, every_other};
  for (const Communicator& comm : {world(), world().with_count_limit(7)}) {
    for (const auto& begin_of : cuts) {
      std::vector<std::size_t> begins;
      for (std::size_t slice = 0; slice <= size; ++slice) begins.push_back(begin_of(slice));
      ExactSum sum(kEntries);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % size == static_cast<std::size_t>(comm.rank())) sum.add(rows[i]);
      }
      std::vector<ExactSum::Element> elements(kEntries);
      sum.store(elements);
      comm.merge_slices(elements, begins);
      sum.load(elements);
      const auto found = bits(sum);
      const auto first = static_cast<std::ptrdiff_t>(begins[static_cast<std::size_t>(comm.slice())]);
      const auto last = static_cast<std::ptrdiff_t>(begins[static_cast<std::size_t>(comm.slice()) + 1]);
      REQUIRE_ALL(std::equal(found.begin() + first, found.begin() + last, expected.begin() + first));
    }
  }
}

TEST_CASE("merging sums without addends gives zeros", "[merge]") {
  const auto nobody = [](std::size_t) { return -1; };
  REQUIRE_ALL(bits(merged(world(), wild_rows(), nobody)) == std::vector<std::uint64_t>(kEntries, 0));
}

TEST_CASE("a merge of no elements is possible", "[merge]") {
  world().merge({});
  REQUIRE_ALL(world().sum(1) == world().size());
}

TEST_CASE("marks of non-finite addends reach all ranks", "[merge]") {
  Rows rows = wild_rows();
  rows[kAddends - 1][0] = std::nan("");
  rows[kAddends - 1][1] = INFINITY;
  rows[kAddends - 1][2] = INFINITY;
  rows[0][2] = -INFINITY;
  rows[0][65] = -INFINITY;
  const auto size = static_cast<std::size_t>(world().size());
  const ExactSum sum = merged(world().with_count_limit(7), rows,
                              [&](std::size_t i) { return static_cast<int>(i * size / kAddends); });
  std::vector<double> sums(kEntries);
  sum.round_into(sums);
  REQUIRE_ALL(std::isnan(sums[0]));
  REQUIRE_ALL(sums[1] == INFINITY);
  REQUIRE_ALL(std::isnan(sums[2]));
  REQUIRE_ALL(sums[65] == -INFINITY);
  REQUIRE_ALL(std::count_if(sums.begin(), sums.end(), [](double v) { return std::isfinite(v); }) == 63);
}

TEST_CASE("counters travel beside sums", "[merge]") {
  const int size = world().size(), rank = world().rank();
  const double third = 1.0 / 3;
  ExactSum sum(1);
  sum.add({&third, 1});
  std::vector<ExactSum::Element> elements(2);
  sum.store(std::span(elements).first(1));
  elements[1] = ExactSum::counters({1, rank, -rank});
  world().merge(elements);
  const std::int64_t ranks = std::int64_t{size} * (size - 1) / 2;
  REQUIRE_ALL(elements[1].digits == std::array<std::int64_t, 3>{size, ranks, -ranks});
  REQUIRE_ALL(elements[1].tag == ExactSum::counters({}).tag);
}
