#include "jensen/core/chain_summary.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "jensen/core/random.hpp"

using namespace jensen;

namespace {

/// x_t = persistence x_(t-1) + noise, of variance 1.
std::vector<double> autoregression(double persistence, int length, Index index) {
  Stream stream(11, Purpose::sampling, index);
  std::vector<double> values;
  double x = stream.normal();
  for (int t = 0; t < length; ++t) {
    x = persistence * x + std::sqrt(1 - persistence * persistence) * stream.normal();
    values.push_back(x);
  }
  return values;
}

}  // namespace

TEST_CASE("Moments, errors and R-hat by hand") {
  // two chains of 4: batches of 2, halves of 2
  const std::vector<double> values = {1, 3, 2, 6, 4, 4, 0, 4};
  const ChainSummary summary = summarise_chains(values, 2);
  CHECK(summary.mean == 3);
  CHECK(summary.sd == Approx(std::sqrt((4 + 0 + 1 + 9 + 1 + 1 + 9 + 1) / 7.)));
  // means of batches and halves alike: 2, 4, 4, 2, variance 4/3
  CHECK(summary.mean_error == Approx(std::sqrt(4. / 3 / 4)));
  CHECK(summary.r_hat == Approx(std::sqrt(.5 + (4. / 3) / ((2 + 8 + 0 + 8) / 4.))));
  // squares 4, 0, 1, 9, 1, 1, 9, 1: batches 2, 5, 1, 5, variance 4.25
  CHECK(summary.sd_error == Approx(std::sqrt(4.25 / 4) / (2 * summary.sd)));
}

TEST_CASE("Batch means see the autocorrelation") {
  for (const double persistence : {0., .5, .9}) {
    constexpr int length = 10000, repeats = 200;
    double squared_z = 0, squared_z_of_sd = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      const ChainSummary summary = summarise_chains(autoregression(persistence, length, repeat), 1);
      squared_z += std::pow(summary.mean / summary.mean_error, 2) / repeats;
      squared_z_of_sd += std::pow((summary.sd - 1) / summary.sd_error, 2) / repeats;
      if (repeat > 0) continue;
      const double expected = std::sqrt((1 + persistence) / (1 - persistence) / length);
      CHECK(summary.mean_error == Approx(expected).epsilon(.3));
    }
    CHECK(squared_z ==
          Approx(1).epsilon(0).margin(.4));  // of standard error .1, and a bias that falls with the length
    CHECK(squared_z_of_sd == Approx(1).epsilon(0).margin(.4));
  }
}

TEST_CASE("R-hat tells chains that disagree, drift or stand still") {
  std::vector<double> good, apart, drift;
  for (Index chain = 0; chain < 4; ++chain)
    for (const double x : autoregression(.3, 2000, chain)) {
      good.push_back(x);
      apart.push_back(x + (chain == 3 ? 3 : 0));
      drift.push_back(x + 2 * static_cast<double>(drift.size() % 2000) / 2000);
    }
  CHECK(summarise_chains(good, 4).r_hat < 1.01);
  CHECK(summarise_chains(apart, 4).r_hat > 1.3);
  CHECK(summarise_chains(drift, 4).r_hat > 1.05);
  const ChainSummary still = summarise_chains(std::vector<double>(12, 5.), 2);
  CHECK(still.r_hat == HUGE_VAL);
  CHECK(still.mean == Approx(5));
  CHECK(still.sd_error == 0);
}

TEST_CASE("Chains of odd length leave the middle draw out of R-hat alone") {
  const std::vector<double> values = {1, 2, 100, 1, 2};
  CHECK(summarise_chains(values, 1).mean == Approx(21.2));
  CHECK(summarise_chains(values, 1).r_hat == Approx(std::sqrt(.5)));
}
