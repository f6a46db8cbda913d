#include "jensen/comm/communicator.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "support/world.hpp"

using jensen::Communicator;
using jensen::Index;
using test::world;

namespace {

/// As it is, and split into pieces of seven elements.
std::vector<Communicator> communicators() {
  return {world(), world().with_count_limit(7)};
}

template <class T>
std::vector<T> own_values(std::size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), static_cast<T>(1000 * world().rank()));
  return values;
}

}  // namespace

TEST_CASE("ranks are numbered from 0 to size - 1", "[communicator]") {
  const std::vector<int> mine = {world().rank()};
  std::vector<int> expected(static_cast<std::size_t>(world().size()));
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(world().all_gather(std::span<const int>(mine)) == expected);
  CHECK(world().is_root() == (world().rank() == 0));
}

TEST_CASE("broadcast copies the values of its root, whatever their number", "[communicator]") {
  for (const Communicator& comm : communicators()) {
    for (int root = 0; root < comm.size(); ++root) {
      for (const std::size_t count : {0u, 1u, 7u, 8u, 50u}) {
        auto values = own_values<double>(count);
        comm.broadcast(std::span(values), root);
        std::vector<double> expected(count);
        std::iota(expected.begin(), expected.end(), 1000.0 * root);
        REQUIRE_ALL(values == expected);
      }
      std::string text(static_cast<std::size_t>(10 * comm.rank()), static_cast<char>('a' + comm.rank()));
      comm.broadcast(text, root);
      REQUIRE_ALL(text == std::string(static_cast<std::size_t>(10 * root), static_cast<char>('a' + root)));
    }
  }
}

TEST_CASE("sums, minima and maxima over all ranks", "[communicator]") {
  const int size = world().size(), last = size - 1;
  for (const Communicator& comm : communicators()) {
    for (const std::size_t count : {0u, 1u, 6u, 7u, 8u, 30u}) {
      auto sums = own_values<std::int64_t>(count);
      auto unsigned_sums = own_values<std::uint64_t>(count);
      auto minima = own_values<std::int64_t>(count), maxima = minima;
      auto real_minima = own_values<double>(count), real_maxima = real_minima;
      comm.all_sum(sums);
      comm.all_sum(unsigned_sums);
      comm.all_min(minima);
      comm.all_max(maxima);
      comm.all_min(real_minima);
      comm.all_max(real_maxima);
      for (std::size_t i = 0; i < count; ++i) {
        const auto position = static_cast<std::int64_t>(i);
        CHECK(sums[i] == size * position + 1000 * size * last / 2);
        CHECK(unsigned_sums[i] == static_cast<std::uint64_t>(sums[i]));
        CHECK(minima[i] == position);
        CHECK(maxima[i] == position + 1000 * last);
        CHECK(real_minima[i] == static_cast<double>(minima[i]));
        CHECK(real_maxima[i] == static_cast<double>(maxima[i]));
      }
    }
  }
}

TEST_CASE("reductions of one value", "[communicator]") {
  const int rank = world().rank(), last = world().size() - 1;
  CHECK(world().sum(rank) == last * (last + 1) / 2);
  CHECK(world().min(std::int64_t{-rank}) == -last);
  CHECK(world().max(std::int64_t{-rank}) == 0);
  CHECK(world().min(0.5 - rank) == 0.5 - last);
  CHECK(world().max(0.5 - rank) == 0.5);
}

TEST_CASE("unsigned sums wrap around", "[communicator]") {
  std::vector<std::uint64_t> values = {~std::uint64_t{0}};
  world().all_sum(values);
  CHECK(values[0] == std::uint64_t{0} - static_cast<std::uint64_t>(world().size()));
}

TEST_CASE("all_gather keeps rank order and takes any lengths, none included", "[communicator]") {
  struct Pair {
    std::int32_t rank, position;
    bool operator==(const Pair&) const = default;
  };
  const auto length_of = [](int rank) { return rank % 3 == 1 ? 0 : 5 * rank + 1; };
  std::vector<Pair> mine, expected;
  for (int rank = 0; rank < world().size(); ++rank) {
    for (int i = 0; i < length_of(rank); ++i) expected.push_back({rank, i});
  }
  for (int i = 0; i < length_of(world().rank()); ++i) mine.push_back({world().rank(), i});
  for (const Communicator& comm : communicators()) {
    CHECK(comm.all_gather(std::span<const Pair>(mine)) == expected);
    CHECK(comm.all_gather(std::span<const Pair>()).empty());
  }
}

TEST_CASE("every rank has a slice of its own, neighbours in different halves", "[communicator]") {
  const std::vector<int> mine = {world().slice()};
  std::vector<int> slices = world().all_gather(std::span<const int>(mine));
  const int half = (world().size() + 1) / 2;
  for (std::size_t rank = 0; rank + 1 < slices.size(); ++rank) {
    CHECK((slices[rank] < half) != (slices[rank + 1] < half));
  }
  std::sort(slices.begin(), slices.end());
  for (std::size_t i = 0; i < slices.size(); ++i) CHECK(slices[i] == static_cast<int>(i));
}

TEST_CASE("gather_slices copies every rank's slice, whatever its length, to all", "[communicator]") {
  const auto length_of = [](int slice) {
    return static_cast<std::size_t>(slice % 3 == 1 ? 0 : 5 * slice + 1);
  };
  std::vector<std::size_t> begins = {0};
  for (int slice = 0; slice < world().size(); ++slice) begins.push_back(begins.back() + length_of(slice));
  std::vector<double> expected(begins.back());
  std::iota(expected.begin(), expected.end(), 0.5);
  for (const Communicator& comm : communicators()) {
    std::vector<double> values(begins.back(), -1);
    const auto mine = static_cast<std::size_t>(comm.slice());
    for (std::size_t i = begins[mine]; i < begins[mine + 1]; ++i) {
      values[i] = expected[i];
    }
    comm.gather_slices(values, begins);
    REQUIRE_ALL(values == expected);
  }
}

TEST_CASE("min_location gives ties to the smallest index", "[communicator]") {
  const int rank = world().rank(), size = world().size();
  const auto located = [](double value, Index index) { return world().min_location({value, index}); };
  const auto distinct = located(std::abs(rank - size / 2) + 0.25, 100 + rank);
  CHECK(distinct.value == 0.25);
  CHECK(distinct.index == 100 + size / 2);
  const auto tied = located(1.5, 500 - rank);
  CHECK(tied.value == 1.5);
  CHECK(tied.index == 500 - (size - 1));
  const auto some_tied = located(rank == 0 ? 2.0 : 1.0, rank == 0 ? 0 : 50 - rank);
  CHECK(some_tied.index == (size == 1 ? 0 : 50 - (size - 1)));
  CHECK(located(INFINITY, rank + 3).index == 3);
}

TEST_CASE("values travel from rank to rank", "[communicator]") {
  for (const Communicator& comm : communicators()) {
    for (const std::size_t count : {0u, 1u, 20u}) {
      const auto mine = own_values<double>(count);
      for (int from = 1; from < comm.size(); ++from) {
        if (comm.rank() == from) comm.send(std::span<const double>(mine), 0);
        if (!comm.is_root()) continue;
        std::vector<double> received(count, -1), expected(count);
        std::iota(expected.begin(), expected.end(), 1000.0 * from);
        comm.receive(std::span(received), from);
        CHECK(received == expected);
      }
    }
  }
}

TEST_CASE("time spent in calls is counted by all copies together", "[communicator]") {
  const double before = world().seconds();
  const Communicator copy = world().with_count_limit(3);
  for (int i = 0; i < 100; ++i) copy.barrier();
  CHECK(world().seconds() == copy.seconds());
  REQUIRE_ALL(world().size() == 1 || world().seconds() > before);
}
