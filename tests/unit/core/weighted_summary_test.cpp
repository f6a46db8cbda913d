#include "jensen/core/weighted_summary.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"

using namespace jensen;

namespace {

using Numbers = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("Weighted moments") {
  const WeightedSummary summary = weighted_summary(Numbers{1, 4, 10}, Numbers{3, 2, 1});
  CHECK(summary.mean == Approx(3.5));  // 21 / 6
  CHECK(summary.sd == Approx(std::sqrt((3 * 6.25 + 2 * .25 + 42.25) / 6)));
  CHECK(summary.mean_error == Approx(std::sqrt(9 * 6.25 + 4 * .25 + 42.25) / 6));
  const WeightedSummary one = weighted_summary(Numbers{7}, Numbers{1e-300});
  CHECK(one.mean == 7);
  CHECK(one.sd == 0);
}

TEST_CASE("A weighted quantile is the first draw with that share of the weight at or below it") {
  const Numbers draws = {30, 10, 20, 40}, equal(4, 2.5);
  CHECK(weighted_quantiles(draws, equal, Numbers{0, .25, .2501, .5, .75, .7501, 1}) ==
        Numbers{10, 10, 20, 20, 30, 40, 40});
  CHECK(weighted_quantiles(draws, Numbers{.1, .6, .2, .1}, Numbers{.05, .5, .6, .7, .85, .95}) ==
        Numbers{10, 10, 10, 20, 30, 40});
  // .1 + .6 + .1 is less than .8 in double precision
  CHECK(weighted_quantiles(draws, Numbers{.1, .1, .6, .2}, Numbers{.8}) == Numbers{30});
}

TEST_CASE("Split weights and draws without weight change no quantile") {
  const Numbers probabilities = {0, .1, .3, .5, .8, 1};
  const Numbers expected = weighted_quantiles(Numbers{1, 2, 3}, Numbers{2, 1, 5}, probabilities);
  CHECK(weighted_quantiles(Numbers{3, 1, 2, 1, 3}, Numbers{4, .5, 1, 1.5, 1}, probabilities) == expected);
  CHECK(weighted_quantiles(Numbers{-9, 1, 2, 3, kNan, HUGE_VAL}, Numbers{0, 2, 1, 5, 0, 0}, probabilities) ==
        expected);
  CHECK(weighted_summary(Numbers{1, 2, kNan}, Numbers{1, 1, 0}).mean == 1.5);
}

TEST_CASE("Draws and weights that are no distribution are refused") {
  CHECK_THROWS_WITH(weighted_summary(Numbers{1, 2}, Numbers{1}), "2 draws have 1 weights (must be one each)");
  CHECK_THROWS_WITH(weighted_summary(Numbers{1, kNan}, Numbers{1, 1}),
                    "draw 1 is nan (must be finite; draws are numbered from 0)");
  CHECK_THROWS_WITH(weighted_quantiles(Numbers{1, 2}, Numbers{1, -1}, Numbers{.5}),
                    Catch::Contains("the weight of draw 1 is -1 (must be"));
  CHECK_THROWS_AS(weighted_summary(Numbers{1}, Numbers{kNan}), NumericalError);
  CHECK_THROWS_AS(weighted_summary(Numbers{1}, Numbers{HUGE_VAL}), NumericalError);
  CHECK_THROWS_WITH(weighted_summary(Numbers{1, 2}, Numbers{0, 0}),
                    Catch::Contains("2 draws have no weight"));
  CHECK_THROWS_WITH(weighted_summary(Numbers{}, Numbers{}), Catch::Contains("0 draws have no weight"));
}
