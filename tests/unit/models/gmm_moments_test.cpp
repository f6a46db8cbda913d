#include <catch2/catch.hpp>
#include <set>

#include "jensen/core/quadratic.hpp"
#include "jensen/models/mixture/moments.hpp"

using namespace jensen;
using mixture::Quadratic;

TEST_CASE("Every pair of features has one place") {
  for (Index d = 1; d <= 9; ++d) {
    std::set<std::pair<Index, Index>> seen;
    Index next = 0;
    mixture::for_each_pair(d, [&](Index i, Index j, Index position) {
      CHECK(position == next++);
      seen.insert(std::minmax(i, j));
    });
    CHECK(static_cast<Index>(seen.size()) == d * (d + 1) / 2);
    CHECK(next == mixture::quadratic_size(Quadratic::packed, d));
  }
}

TEST_CASE("The lines of a polynomial follow each other, and hold every pair of features") {
  for (Index d = 1; d <= 9; ++d) {
    std::set<std::pair<Index, Index>> seen;
    Index next = 0;
    for (Index i = 0; i < d; ++i) {
      CHECK(simd::line_of(i, d) == next);
      next += 1 + simd::pairs_of(i, d);
      for (Index j = 0; j < simd::pairs_of(i, d); ++j) seen.insert(std::minmax(i, (i + j) % d));
    }
    CHECK(simd::line_of(d, d) == next);
    CHECK(next == d * (d + 1) / 2 + d);
    CHECK(static_cast<Index>(seen.size()) == d * (d + 1) / 2);
  }
}
