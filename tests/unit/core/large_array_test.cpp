#include "jensen/core/large_array.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>

using jensen::LargeArray;

TEST_CASE("large arrays are zeros on a cache line, of any size, and go with their owner") {
  for (const std::size_t size : {0u, 1u, 1000u, (4u << 20) / 8 - 1, (4u << 20) / 8, 1'000'003u}) {
    LargeArray<double> array(size);
    CHECK(array.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(array.data()) % 64 == 0);
    CHECK(std::all_of(array.data(), array.data() + size, [](double x) { return x == 0; }));
    std::fill_n(array.data(), size, 7.0);  // all of it can be written
    const LargeArray<double> moved = std::move(array);
    CHECK(std::count(moved.data(), moved.data() + size, 7.0) == static_cast<std::ptrdiff_t>(size));
  }
}

TEST_CASE("more than there is memory for is refused") {
  CHECK_THROWS_AS(LargeArray<double>(std::size_t{1} << 58), std::bad_alloc);
}
