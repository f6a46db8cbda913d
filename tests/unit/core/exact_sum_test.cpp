#include "jensen/core/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <string>
#include <utility>

#include "unit/core/exact_arithmetic.hpp"

using jensen::ExactSum;
using test::Exact;

namespace {

using Random = std::mt19937_64;
using Series = std::vector<double>;  // the addends of one entry

double sign(Random& random) {
  return random() % 2 == 0 ? 1.0 : -1.0;
}

/// Random mantissa, leading bit of weight 2^e with e uniform on [low, high].
double number(Random& random, int low, int high) {
  const auto mantissa = static_cast<double>((random() >> 12) | (std::uint64_t{1} << 52));
  const int exponent = std::uniform_int_distribution<int>(low, high)(random);
  return sign(random) * std::ldexp(mantissa, exponent - 52);
}

Series filled(std::size_t count, const std::function<double(std::size_t)>& value) {
  Series series(count);
  for (std::size_t i = 0; i < count; ++i) series[i] = value(i);
  return series;
}

/// Pairs that cancel, and a little beside them.
Series cancelling(Random& random, std::size_t count, int high, int low) {
  Series series = filled(count, [&](std::size_t) { return number(random, low, high); });
  for (std::size_t i = 0; i + 1 < count; i += 2) series[i + 1] = -series[i];
  if (count > 2) series[0] = number(random, low, low);
  return series;
}

double near_grid(Random& random) {
  const double line = std::ldexp(1.0, 40 * std::uniform_int_distribution<int>(-3, 3)(random));
  const std::array<double, 3> choices = {line, std::nextafter(line, 0.0), std::nextafter(line, 2 * line)};
  return sign(random) * choices[random() % 3];
}

constexpr std::size_t kKinds = 9;

Series make_series(std::size_t kind, Random& random, std::size_t count) {
  switch (kind % kKinds) {
    case 0:
      return filled(count, [&](std::size_t) { return number(random, -2, 2); });
    case 1:
      return filled(count, [&](std::size_t) { return number(random, -996, 996); });
    case 2:
      return filled(count, [&](std::size_t) { return number(random, -1074, -1023); });
    case 3:
      return filled(count, [&](std::size_t) { return near_grid(random); });
    case 4:
      return filled(count, [&](std::size_t) { return number(random, 1010, 1023); });
    case 5:
      return cancelling(random, count, 300, 200);
    case 6:
      return cancelling(random, count, -950, -1060);
    case 7:
      return filled(count,
                    [&](std::size_t i) { return number(random, -60, -60 + static_cast<int>(i % 90)); });
    default:
      return Series(count, number(random, -30, 30));
  }
}

std::vector<Series> make_table(Random& random, std::size_t entries, std::size_t count) {
  std::vector<Series> table;
  for (std::size_t entry = 0; entry < entries; ++entry) table.push_back(make_series(entry, random, count));
  return table;
}

ExactSum partial(const std::vector<Series>& table, std::size_t begin, std::size_t end) {
  ExactSum sum(table.size());
  for (std::size_t i = begin; i < end; ++i) {
    Series row;
    for (const Series& series : table) row.push_back(series[i]);
    sum.add(row);
  }
  return sum;
}

Series results(const ExactSum& sum) {
  Series values(sum.size());
  sum.round_into(values);
  return values;
}

std::vector<std::uint64_t> bits(const Series& values) {
  std::vector<std::uint64_t> patterns;
  for (const double value : values) patterns.push_back(std::bit_cast<std::uint64_t>(value));
  return patterns;
}

double largest(const Series& series) {
  return std::abs(*std::max_element(series.begin(), series.end(),
                                    [](double a, double b) { return std::abs(a) < std::abs(b); }));
}

/// What the header promises: each addend cut towards zero at the third digit below the highest bin.
double promised(const Series& series) {
  int exponent = 0;
  std::frexp(largest(series), &exponent);
  const int bin = std::max(static_cast<int>(std::floor((exponent - 1) / 40.0)), -25);
  const Exact unit = test::power(40 * (bin - 2));
  Exact sum = 0;
  for (const double value : series) sum += test::exact(value) / unit;
  return test::rounded(sum * unit);
}

}  // namespace

TEST_CASE("exact sums keep three digits of every addend and round once", "[exact_sum]") {
  Random random(1);
  for (const std::size_t count : {1u, 2u, 3u, 10u, 100u, 1000u}) {
    for (int repeat = 0; repeat < 25; ++repeat) {
      const std::vector<Series> table = make_table(random, 131, count);
      const Series sums = results(partial(table, 0, count));
      for (std::size_t entry = 0; entry < table.size(); ++entry) {
        CAPTURE(count, entry % kKinds);
        REQUIRE(std::bit_cast<std::uint64_t>(sums[entry]) ==
                std::bit_cast<std::uint64_t>(promised(table[entry])));
      }
    }
  }
}

TEST_CASE("exact sums stay within their bound", "[exact_sum]") {
  Random random(2);
  for (const std::size_t count : {1u, 5u, 50u, 500u}) {
    const std::vector<Series> table = make_table(random, 8 * kKinds, count);
    const Series sums = results(partial(table, 0, count));
    for (std::size_t entry = 0; entry < table.size(); ++entry) {
      const double sum = sums[entry];
      if (!std::isfinite(sum)) continue;
      CAPTURE(count, entry % kKinds, sum);
      const Exact cut =
          static_cast<unsigned>(count) * test::exact(largest(table[entry])) / test::power(80 + test::kUnit);
      const Exact rounding =
          test::exact(std::nextafter(std::abs(sum), INFINITY)) - test::exact(std::abs(sum));
      REQUIRE(2 * abs(test::exact(sum) - test::exact_sum(table[entry])) <= 2 * (cut + 1) + rounding);
    }
  }
}

TEST_CASE("exact sums do not depend on the order of the additions", "[exact_sum]") {
  Random random(3);
  for (int repeat = 0; repeat < 100; ++repeat) {
    std::vector<Series> table = make_table(random, 67, 60);
    const auto expected = bits(results(partial(table, 0, 60)));
    for (int order = 0; order < 5; ++order) {
      for (Series& series : table) std::shuffle(series.begin(), series.end(), random);
      REQUIRE(bits(results(partial(table, 0, 60))) == expected);
    }
  }
}

TEST_CASE("exact sums do not depend on how partial sums are merged", "[exact_sum]") {
  Random random(4);
  for (int repeat = 0; repeat < 100; ++repeat) {
    const std::size_t count = 40;
    const std::vector<Series> table = make_table(random, 65, count);
    const auto expected = bits(results(partial(table, 0, count)));
    std::vector<ExactSum> parts;
    for (std::size_t begin = 0; begin < count;) {
      const std::size_t end = std::min(count, begin + random() % 5);  // empty parts as well
      parts.push_back(partial(table, begin, end));
      begin = end;
    }
    while (parts.size() > 1) {
      std::swap(parts[random() % parts.size()], parts.back());
      const ExactSum last = std::move(parts.back());
      parts.pop_back();
      parts[random() % parts.size()].merge(last);
    }
    REQUIRE(bits(results(parts.front())) == expected);
  }
}

TEST_CASE("the sum of negated addends is the negated sum", "[exact_sum]") {
  Random random(5);
  std::vector<Series> table = make_table(random, 8 * kKinds, 33);
  const Series sums = results(partial(table, 0, 33));
  for (Series& series : table) {
    for (double& value : series) value = -value;
  }
  const Series negated = results(partial(table, 0, 33));
  for (std::size_t entry = 0; entry < sums.size(); ++entry) REQUIRE(negated[entry] == -sums[entry]);
}

TEST_CASE("elements of exact sums merge associatively and commutatively", "[exact_sum]") {
  Random random(6);
  using Elements = std::vector<ExactSum::Element>;
  const auto same = [](const Elements& left, const Elements& right) {
    return std::equal(left.begin(), left.end(), right.begin(),
                      [](const auto& a, const auto& b) { return a.tag == b.tag && a.digits == b.digits; });
  };
  const auto merged = [](const Elements& from, Elements into) {
    ExactSum::merge_elements(from, into);
    return into;
  };
  for (int repeat = 0; repeat < 300; ++repeat) {
    std::array<Elements, 3> parts;
    for (Elements& part : parts) {
      std::vector<Series> table = make_table(random, 64, 5);
      std::shuffle(table.begin(), table.end(), random);  // kinds of different windows meet
      table[7][3] = INFINITY;
      part.resize(65);
      partial(table, 0, 5).store(std::span(part).first(64));
      part[64] = ExactSum::counters({static_cast<std::int64_t>(random() % 1000), -3, 1});
    }
    const auto& [a, b, c] = parts;
    REQUIRE(same(merged(a, b), merged(b, a)));
    REQUIRE(same(merged(merged(a, b), c), merged(a, merged(b, c))));
    REQUIRE_FALSE(same(merged(a, b), a));
  }
}
