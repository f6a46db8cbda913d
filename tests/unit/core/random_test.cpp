#include "jensen/core/random.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <vector>

using jensen::Index;
using jensen::Purpose;
using jensen::Stream;

namespace {

constexpr int kDraws = 200'000;

template <class Draw>
std::array<double, 4> moments(Draw draw) {  // about 0, of order 1 to 4
  Stream stream(2024, Purpose::seeding, 5);
  std::array<double, 4> sums = {};
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw(stream);
    for (int order = 1; order <= 4; ++order)
      sums[static_cast<std::size_t>(order - 1)] += std::pow(value, order);
  }
  for (double& sum : sums) sum /= kDraws;
  return sums;
}

/// Four standard errors of a mean of draws with this variance.
Approx about(double expected, double variance) {
  return Approx(expected).margin(4 * std::sqrt(variance / kDraws)).epsilon(0);
}

std::vector<std::uint64_t> first_bits(Stream stream, int count) {
  std::vector<std::uint64_t> bits;
  for (int i = 0; i < count; ++i) bits.push_back(stream.bits());
  return bits;
}

}  // namespace

TEST_CASE("Philox4x64-10 gives the published answers", "[random]") {
  using Counter = r123::Philox4x64::ctr_type;
  using Key = r123::Philox4x64::key_type;
  r123::Philox4x64 philox;
  const std::uint64_t ones = ~std::uint64_t{0};
  // Random123 (Salmon et al. 2011), kat_vectors
  CHECK(philox(Counter{}, Key{}) ==
        Counter{{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}});
  CHECK(philox(Counter{{ones, ones, ones, ones}}, Key{{ones, ones}}) ==
        Counter{{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}});
  CHECK(philox(Counter{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}},
               Key{{0x452821e638d01377, 0xbe5466cf34e90c6c}}) ==
        Counter{{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}});
}

TEST_CASE("a stream is Philox with key (seed, purpose) and counter (index, round, block, 0)", "[random]") {
  const Stream zero(0, Purpose{0}, 0);
  CHECK(first_bits(zero, 4) == std::vector<std::uint64_t>{0x16554d9eca36314c, 0xdb20fe9d672d0fdc,
                                                          0xd7e772cee186176b, 0x7e68b68aec7ba23b});
  // by an independent implementation in another language
  const Stream stream(1234567890123456789, Purpose::responsibilities, 987654321, 42);
  CHECK(first_bits(stream, 12) ==
        std::vector<std::uint64_t>{0x9406c2f85641f79a, 0x03bc0716905ccacc, 0xe50f569bd95febf9,
                                   0x4963aa2c16973b8d, 0x5028d7f94e03a09d, 0x5eae8b8b5a45b426,
                                   0x2568ffd0aa8b8336, 0x891d2c21c5ea5b04, 0x4eff5a58b7c55bde,
                                   0xb019c2a54a9c6968, 0x68628f21e37d5caa, 0x510a09749a9b0cfc});
}

TEST_CASE("streams differ by seed, purpose, index and round, and share no number", "[random]") {
  std::set<std::uint64_t> seen;
  int streams = 0;
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    for (const Purpose purpose : {Purpose::seeding, Purpose::repair, Purpose::canary}) {
      for (const Index index : {Index{0}, Index{1}, Index{1} << 40}) {
        for (const std::uint64_t round : {0u, 1u, 2u}) {
          for (const std::uint64_t bits : first_bits({seed, purpose, index, round}, 40)) seen.insert(bits);
          ++streams;
        }
      }
    }
  }
  CHECK(seen.size() == static_cast<std::size_t>(40 * streams));
}

TEST_CASE("uniforms are odd multiples of 2^-53: never 0, never 1", "[random]") {
  Stream stream(1, Purpose::seeding, 0);
  for (int i = 0; i < kDraws; ++i) {
    const double numerator = std::ldexp(stream.uniform(), 53);
    REQUIRE(std::fmod(numerator, 2.0) == 1.0);
    REQUIRE(numerator < 0x1p53);
  }
}

TEST_CASE("moments of the uniform distribution", "[random]") {
  const auto found = moments([](Stream& stream) { return stream.uniform(); });
  for (int order = 1; order <= 4; ++order) {
    const double expected = 1.0 / (order + 1);
    CHECK(found[static_cast<std::size_t>(order - 1)] ==
          about(expected, 1.0 / (2 * order + 1) - expected * expected));
  }
}

TEST_CASE("moments of the standard normal distribution", "[random]") {
  const auto found = moments([](Stream& stream) { return stream.normal(); });
  CHECK(found[0] == about(0, 1));
  CHECK(found[1] == about(1, 2));
  CHECK(found[2] == about(0, 15));
  CHECK(found[3] == about(3, 96));
}

TEST_CASE("moments of the exponential distribution", "[random]") {
  const auto found = moments([](Stream& stream) { return stream.exponential(); });
  CHECK(found[0] == about(1, 1));
  CHECK(found[1] == about(2, 20));
  CHECK(found[2] == about(6, 684));
}

TEST_CASE("neighbouring streams are uncorrelated", "[random]") {
  double by_index = 0, by_round = 0, by_purpose = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double here = Stream(1, Purpose::seeding, i).normal();
    by_index += here * Stream(1, Purpose::seeding, i + 1).normal();
    by_round += here * Stream(1, Purpose::seeding, i, 1).normal();
    by_purpose += here * Stream(1, Purpose::oversampling, i).normal();
  }
  CHECK(by_index / kDraws == about(0, 1));
  CHECK(by_round / kDraws == about(0, 1));
  CHECK(by_purpose / kDraws == about(0, 1));
}

TEST_CASE("the first restart keeps the seed, the others have their own", "[random]") {
  CHECK(jensen::restart_seed(17, 0) == 17);
  std::set<std::uint64_t> seeds;
  for (Index restart = 0; restart < 1000; ++restart) seeds.insert(jensen::restart_seed(17, restart));
  CHECK(seeds.size() == 1000);
  CHECK(jensen::restart_seed(18, 1) != jensen::restart_seed(17, 1));
}
