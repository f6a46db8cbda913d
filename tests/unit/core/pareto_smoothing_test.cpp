#include "jensen/core/pareto_smoothing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/core/generalized_pareto.hpp"
#include "jensen/core/random.hpp"
#include "jensen/core/weighted_summary.hpp"

using namespace jensen;

namespace {

constexpr double kInfinity = HUGE_VAL;

/// f of numbers spread evenly over (0, 1): the fractions of the golden ratio's multiples.
template <class F>
std::vector<double> of_even_numbers(int count, F f) {
  std::vector<double> values;
  for (int i = 1; i <= count; ++i) {
    const double multiple = i * 0.6180339887498949;
    values.push_back(f(multiple - std::floor(multiple)));
  }
  return values;
}

/// What the R package loo 2.5.1 gives of the same ratios: psis(log_ratios, r_eff = 1).
struct Expected {
  double k_hat, effective_draws, largest_log_weight, mean_number, log_mean_ratio;
};

void check_against(const std::vector<double>& log_ratios, const Expected& expected) {
  const ParetoSmoothed smoothed = pareto_smooth(log_ratios);
  const auto near = [](double value) { return Approx(value).epsilon(1e-9); };
  CHECK(smoothed.k_hat == near(expected.k_hat));
  CHECK(smoothed.effective_draws == near(expected.effective_draws));
  CHECK(std::ranges::max(smoothed.log_weights) ==
        Approx(expected.largest_log_weight).epsilon(1e-9).margin(1e-14));
  const std::vector<double> values = smoothed.weights();
  const Eigen::Map<const Vector> weights(values.data(), std::ssize(values));
  CHECK(weights.sum() == Approx(1).epsilon(1e-13));
  const double draws = static_cast<double>(weights.size());
  // the weighted mean of i / S shows which draw has which weight
  CHECK(weights.dot(Vector::LinSpaced(weights.size(), 1 / draws, 1)) == near(expected.mean_number));
  CHECK(smoothed.log_mean_ratio == Approx(expected.log_mean_ratio).epsilon(1e-9).margin(1e-13));
}

std::vector<double> log_of(const std::vector<double>& ratios) {
  std::vector<double> logs;
  for (const double ratio : ratios) logs.push_back(std::log(ratio));
  return logs;
}

std::vector<double> pareto_draws(double shape, int count, Index index) {
  Stream stream(3, Purpose::sampling, index);
  std::vector<double> draws;
  for (int i = 0; i < count; ++i) draws.push_back(GeneralizedPareto{shape, 1}.quantile(stream.uniform()));
  return draws;
}

}  // namespace

TEST_CASE("Smoothed weights and k-hat are those of the R package loo") {
  check_against(of_even_numbers(1000, [](double u) { return -.3 * std::log(u); }),
                {0.29672634063255166, 842.12390567542207, -5.0966864462653243, 0.50064223153784959,
                 0.35438438004511263});
  check_against(
      of_even_numbers(1000, [](double u) { return -.9 * std::log(u); }),
      {0.8067526396921445, 45.429013104824016, -2.1059923627344057, 0.50687532631247578, 1.677656209232079});
  check_against(of_even_numbers(500, [](double u) { return std::log1p(u); }),
                {-0.76561157599798602, 482.05563834486549, -5.9274883041512521, 0.50077306892095974,
                 0.40543408967856581});
  check_against(of_even_numbers(21, [](double u) { return -.5 * std::log(u); }),
                {0.51291278510637583, 15.917449849376188, -1.9190107453911844, 0.52361999983161966,
                 0.5587296953763633});
  check_against(of_even_numbers(200, [](double u) { return 300 * std::log(u); }),
                {15.747197901312488, 2.0221651003732837, -0.69868853962066058, 0.50023649872506304,
                 -5.5327645651453929});
}

TEST_CASE("A constant added to log ratios moves their mean alone") {
  const std::vector<double> ratios = of_even_numbers(100, [](double u) { return -.5 * std::log(u); });
  for (const double shift : {1000., -1e5}) {
    std::vector<double> shifted = ratios;
    for (double& ratio : shifted) ratio += shift;
    const ParetoSmoothed one = pareto_smooth(ratios), other = pareto_smooth(shifted);
    CHECK(other.k_hat == Approx(0.51523330383563315).epsilon(1e-7));  // loo 2.5.1
    CHECK(other.effective_draws == Approx(57.798759337635971).epsilon(1e-7));
    for (std::size_t i = 0; i < ratios.size(); ++i)
      CHECK(other.log_weights[i] == Approx(one.log_weights[i]).epsilon(1e-7));
    CHECK(other.log_mean_ratio - shift == Approx(one.log_mean_ratio).epsilon(0).margin(1e-9));
  }
}

TEST_CASE("k-hat recovers the shape of a generalised Pareto tail") {
  for (const double shape : {.2, .5, .9}) {
    INFO(shape);
    double mean_k = 0, smoothed_error = 0, raw_error = 0;
    constexpr int repeats = 200, draws = 4000;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      const std::vector<double> ratios = pareto_draws(shape, draws, repeat);
      const ParetoSmoothed smoothed = pareto_smooth(log_of(ratios));
      REQUIRE(smoothed.tail_length == 190);  // 3 sqrt(4000), rounded up
      // without the prior's 10 exceedances of shape 1/2
      mean_k += ((190 + 10) * smoothed.k_hat - 5) / 190 / repeats;
      double sum = 0;
      for (const double ratio : ratios) sum += ratio;
      raw_error += std::pow(std::min(sum / draws * (1 - shape), 10.) - 1, 2);  // the mean is 1 / (1 - shape)
      smoothed_error += std::pow(std::exp(smoothed.log_mean_ratio) * (1 - shape) - 1, 2);
    }
    CHECK(mean_k ==
          Approx(shape).epsilon(0).margin(.03));  // the standard error is (1 + shape) / sqrt(190 * 200)
    if (shape > .8) CHECK(smoothed_error < .7 * raw_error);
    if (shape < .3) CHECK(smoothed_error < 1.05 * raw_error);
  }
}

TEST_CASE("The fit of Zhang and Stephens finds shape and scale") {
  for (const double shape : {.2, .5, .9}) {
    std::vector<double> x;  // exact quantiles in rising order
    for (int i = 0; i < 200; ++i) x.push_back(GeneralizedPareto{shape, 2}.quantile((i + .5) / 200));
    const GeneralizedPareto fitted = fit_generalized_pareto(x);
    CHECK(fitted.shape == Approx(shape).epsilon(0).margin(.03));
    CHECK(fitted.scale == Approx(2).epsilon(.03));
  }
  CHECK(GeneralizedPareto{0, 3}.quantile(.5) == Approx(3 * std::log(2)));
  CHECK(GeneralizedPareto{1e-9, 3}.quantile(.5) == Approx(3 * std::log(2)).epsilon(1e-8));
  CHECK(GeneralizedPareto{-.5, 1}.quantile(1 - 1e-12) == Approx(2).epsilon(1e-5));
  const std::vector<double> ties = {0, 0, 0, 0, 1};
  CHECK(fit_generalized_pareto(ties).shape == kInfinity);
}

TEST_CASE("Draws of a wider normal correct to the moments of the target") {
  std::vector<double> draws, log_ratios;
  for (int i = 0; i < 20000; ++i) {
    const double x = 1.5 * Stream(5, Purpose::sampling, i).normal() + .5;
    draws.push_back(x);  // q = N(.5, 1.5^2), p = 7 N(0, 1)
    log_ratios.push_back(std::log(7) - .5 * x * x + .5 * std::pow((x - .5) / 1.5, 2) + std::log(1.5));
  }
  const ParetoSmoothed smoothed = pareto_smooth(log_ratios);
  CHECK(smoothed.k_hat < .5);
  const WeightedSummary summary = weighted_summary(draws, smoothed.weights());
  CHECK(summary.mean_error == Approx(.01).epsilon(.5));
  CHECK(std::abs(summary.mean) < 4 * summary.mean_error);
  CHECK(summary.sd == Approx(1).epsilon(.03));
  CHECK(smoothed.log_mean_ratio == Approx(std::log(7)).epsilon(.02));
}

TEST_CASE("Equal ratios are perfect, ties at the cutoff and few draws are not judged") {
  const ParetoSmoothed constant = pareto_smooth(std::vector<double>(100, -3e4));
  CHECK(constant.k_hat == 0);
  CHECK(constant.effective_draws == Approx(100));
  for (const double log_weight : constant.log_weights)
    CHECK(log_weight == Approx(-std::log(100)).epsilon(1e-14));
  CHECK(constant.log_mean_ratio == Approx(-3e4));
  const auto noise =
      of_even_numbers(100, [](double u) { return 1e-12 * u; });  // of log p - log q, equal but for rounding
  CHECK(pareto_smooth(noise).k_hat == 0);

  const ParetoSmoothed tied = pareto_smooth(of_even_numbers(200, [](double u) { return u < .15 ? 1. : 0.; }));
  CHECK(tied.k_hat == kInfinity);
  CHECK(tied.tail_length == 0);
  CHECK(std::ranges::max(tied.log_weights) - std::ranges::min(tied.log_weights) == Approx(1));

  const auto few = of_even_numbers(20, [](double u) { return -.5 * std::log(u); });
  const ParetoSmoothed raw = pareto_smooth(few);
  CHECK(raw.k_hat == kInfinity);
  CHECK(raw.tail_length == 0);
  CHECK(raw.effective_draws == Approx(15.189727918525717));  // loo 2.5.1
  CHECK(pareto_smooth(std::vector<double>{-5}).log_weights[0] == 0);
}

TEST_CASE("A draw without density has weight 0 and does not move the others") {
  const auto ratios = of_even_numbers(300, [](double u) { return -.4 * std::log(u); });
  std::vector<double> with_zeros;
  for (const double ratio : ratios) {
    with_zeros.push_back(-kInfinity);
    with_zeros.push_back(ratio);
  }
  const ParetoSmoothed one = pareto_smooth(ratios), other = pareto_smooth(with_zeros);
  CHECK(other.k_hat == one.k_hat);
  CHECK(other.effective_draws == one.effective_draws);
  for (std::size_t i = 0; i < 300; ++i) {
    CHECK(other.log_weights[2 * i] == -kInfinity);
    CHECK(other.log_weights[2 * i + 1] == one.log_weights[i]);
  }
  CHECK(other.log_mean_ratio == Approx(one.log_mean_ratio - std::log(2)));  // half of q lies outside of p
}

TEST_CASE("Ratios that are no numbers are refused") {
  std::vector<double> ratios(50, 0.);
  ratios[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(pareto_smooth(ratios), Catch::Contains("log importance ratio of draw 7 is nan"));
  ratios[7] = kInfinity;
  CHECK_THROWS_AS(pareto_smooth(ratios), NumericalError);
  CHECK_THROWS_WITH(pareto_smooth(std::vector<double>(3, -kInfinity)),
                    Catch::Contains("none of 3 draws has a finite log importance ratio"));
  CHECK_THROWS_WITH(pareto_smooth({}), Catch::Contains("none of 0 draws"));
}

TEST_CASE("The threshold of k-hat rises with the draws to 0.7") {
  CHECK(k_hat_threshold(0) == 0);
  CHECK(k_hat_threshold(10) == 0);
  CHECK(k_hat_threshold(100) == Approx(.5));
  CHECK(k_hat_threshold(1000) == Approx(2. / 3));
  CHECK(k_hat_threshold(2200) == .7);
  CHECK(k_hat_threshold(1'000'000) == .7);
}
