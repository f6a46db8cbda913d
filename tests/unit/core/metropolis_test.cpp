#include "jensen/core/metropolis.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "jensen/core/chain_summary.hpp"
#include "jensen/core/error.hpp"

using namespace jensen;

namespace {

double standard_normal(const Vector& x) {
  return -.5 * x.squaredNorm();
}

ChainSummary summary_of(const MetropolisSample& sample, Index coordinate, Index chains) {
  const Vector column = sample.draws.col(coordinate);
  return summarise_chains(std::span(column.data(), static_cast<std::size_t>(column.size())), chains);
}

/// Mean and standard deviation within 4 of their standard errors, these below this share of the deviation.
void check_moments(const ChainSummary& summary, double mean, double sd, double precision = .03) {
  CHECK(std::abs(summary.mean - mean) < 4 * summary.mean_error);
  CHECK(std::abs(summary.sd - sd) < 4 * summary.sd_error);
  CHECK(summary.mean_error < precision * sd);
  CHECK(summary.sd_error < precision * sd);
  CHECK(summary.r_hat < 1.01);
}

/// Chains that start `width` apart in all coordinates.
RowMatrix spread(Index chains, Index dimension, double width) {
  RowMatrix starts(chains, dimension);
  for (Index i = 0; i < chains; ++i)
    starts.row(i).setConstant(width * (static_cast<double>(i) - .5 * static_cast<double>(chains - 1)));
  return starts;
}

}  // namespace

TEST_CASE("Metropolis finds a correlated normal of unequal scales") {
  const Eigen::Vector3d mean(1, -200, .01), sd(1, 100, .001);
  Eigen::Matrix3d correlation{{1, .9, -.5}, {.9, 1, -.4}, {-.5, -.4, 1}};
  const Eigen::Matrix3d precision = (sd.asDiagonal() * correlation * sd.asDiagonal()).inverse();
  const auto log_density = [&](const Vector& x) {
    const Eigen::Vector3d deviation = x - mean;
    return -.5 * deviation.dot(precision * deviation);
  };
  const MetropolisSample sample =
      metropolis(log_density, spread(4, 3, .01), {.warm_up = 10000, .draws = 30000, .first_step = .01});
  for (Index i = 0; i < 3; ++i) check_moments(summary_of(sample, i, 4), mean[i], sd[i]);
  CHECK(sample.acceptance > .15);
  CHECK(sample.acceptance < .35);
  CHECK(sample.undefined == 0);
  const RowMatrix centred = sample.draws.rowwise() - sample.draws.colwise().mean();
  const double covariance = centred.col(0).dot(centred.col(1)) / static_cast<double>(centred.rows());
  CHECK(covariance == Approx(90).epsilon(.05));
}

TEST_CASE("Metropolis finds a banana") {
  // x ~ N(0, 1), y | x ~ N(x^2, 1/4): E y = 1, Var y = 1/4 + 2
  const auto log_density = [](const Vector& p) {
    return -.5 * p[0] * p[0] - 2 * std::pow(p[1] - p[0] * p[0], 2);
  };
  const MetropolisSample sample =
      metropolis(log_density, spread(4, 2, 1), {.warm_up = 5000, .draws = 20000, .thinning = 10});
  check_moments(summary_of(sample, 0, 4), 0, 1, .06);
  check_moments(summary_of(sample, 1, 4), 1, 1.5, .06);
  // beyond moments: x is normal, and y - x^2 does not depend on it
  Index below = 0;
  for (Index i = 0; i < sample.draws.rows(); ++i) below += sample.draws(i, 0) < -1.6448536269514722;
  CHECK(static_cast<double>(below) / static_cast<double>(sample.draws.rows()) == Approx(.05).epsilon(.1));
}

TEST_CASE("Draws stay where there is density") {
  const auto exponential = [](const Vector& x) { return x[0] < 0 ? -HUGE_VAL : -x[0]; };
  RowMatrix starts(2, 1);
  starts << .1, 3;
  const MetropolisSample sample = metropolis(exponential, starts, {.draws = 40000});
  CHECK(sample.draws.minCoeff() >= 0);
  CHECK(sample.undefined == 0);
  check_moments(summary_of(sample, 0, 2), 1, 1);
}

TEST_CASE("A chain is the same alone, among others and in a longer run") {
  const RowMatrix starts = spread(3, 2, 1);
  const MetropolisPlan plan{.warm_up = 200, .draws = 100};
  const MetropolisSample three = metropolis(standard_normal, starts, plan);
  CHECK(metropolis(standard_normal, starts.topRows(1), plan).draws == three.draws.topRows(100));
  CHECK(metropolis(standard_normal, starts, plan).draws == three.draws);
  MetropolisPlan longer = plan;
  longer.draws = 150;
  CHECK(metropolis(standard_normal, starts, longer).draws.topRows(100) == three.draws.topRows(100));
  MetropolisPlan thinned = plan;
  thinned.draws = 20;
  thinned.thinning = 5;
  const RowMatrix every_fifth = metropolis(standard_normal, starts, thinned).draws.topRows(20);
  for (Index i = 0; i < 20; ++i) CHECK(every_fifth.row(i) == three.draws.row(5 * i + 4));
  MetropolisPlan reseeded = plan;
  reseeded.seed = 2;
  CHECK(metropolis(standard_normal, starts, reseeded).draws != three.draws);
}

TEST_CASE("The acceptance is the share of steps after the warm-up that moved") {
  // steps far too long at first: few of the warm-up are accepted
  const MetropolisSample sample =
      metropolis(standard_normal, RowMatrix::Zero(1, 2), {.warm_up = 1000, .draws = 500, .first_step = 1e6});
  Index moved = 0;
  for (Index i = 1; i < 500; ++i) moved += sample.draws.row(i) != sample.draws.row(i - 1);
  CHECK(std::abs(sample.acceptance * 500 - static_cast<double>(moved)) <=
        1 + 1e-9);  // the first may have moved
  CHECK(moved > 50);
}

TEST_CASE("Undefined densities are counted and never accepted; starts without density are refused") {
  const auto undefined = [](const Vector& x) {
    if (x[0] > 1) return std::numeric_limits<double>::quiet_NaN();
    if (x[0] < -1) return HUGE_VAL;
    return 0.;
  };
  const MetropolisSample sample = metropolis(undefined, RowMatrix::Zero(1, 1), {.warm_up = 0, .draws = 2000});
  CHECK(sample.draws.cwiseAbs().maxCoeff() <= 1);
  CHECK(sample.undefined > 500);
  for (const double start : {2., -2.})
    CHECK_THROWS_WITH(
        metropolis(undefined, RowMatrix::Constant(1, 1, start), {}),
        Catch::Contains("the log density at the start of chain 0 is") && Catch::Contains("(must be finite)"));
  const auto nowhere = [](const Vector&) { return -HUGE_VAL; };
  CHECK_THROWS_AS(metropolis(nowhere, RowMatrix::Zero(1, 1), {}), NumericalError);
}
