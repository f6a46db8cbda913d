#include "jensen/core/poisson_variate.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace jensen;

namespace {

constexpr Index kDraws = 200'000;

double draw(double mean, Index n) {
  Stream stream(3, Purpose::canary, n);
  return draw_poisson(stream, mean);
}

double probability(double mean, double count) {
  return std::exp(count * std::log(mean) - mean - std::lgamma(count + 1));
}

}  // namespace

TEST_CASE("Poisson variates have their probabilities, counted and by rejection") {
  const double mean = GENERATE(0.3, 4.0, 9.9, 10.0, 37.5);
  std::vector<double> counts(200, 0.0);
  for (Index n = 0; n < kDraws; ++n) ++counts[static_cast<std::size_t>(draw(mean, n))];
  double chi_square = 0, cells = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double expected = static_cast<double>(kDraws) * probability(mean, static_cast<double>(k));
    if (expected < 10) continue;
    chi_square += (counts[k] - expected) * (counts[k] - expected) / expected;
    cells += 1;
  }
  INFO("mean " << mean << ", " << cells << " cells");
  CHECK(std::abs(chi_square - cells) < 4 * std::sqrt(2 * cells) + 2);
}

TEST_CASE("Poisson variates of any mean have it as mean and variance") {
  const double mean = GENERATE(0.0, 250.0, 1e6, 0x1p30, 1e15);
  double sum = 0, squares = 0;
  for (Index n = 0; n < kDraws; ++n) {
    const double count = draw(mean, n), off = count - mean;
    REQUIRE(count == std::floor(count));
    sum += off;
    squares += off * off;
  }
  const auto draws = static_cast<double>(kDraws);
  INFO("mean " << mean);
  CHECK(std::abs(sum / draws) <= 4 * std::sqrt(mean / draws));
  CHECK(std::abs(squares / draws - mean) <= 4 * mean * std::sqrt(2 / draws));
}
