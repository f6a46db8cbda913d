#include <catch2/catch.hpp>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numbers>

#include "jensen/init/assignments.hpp"
#include "jensen/models/bayes_gmm/method.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;
using bayes_gmm::BayesianMixture;
using bayes_gmm::WeightPrior;

namespace {

const Communicator kSerial;

struct Fitted {
  BayesianMixture model;
  FitResult result;
};

Fitted fit_from_random(const test::Problem& problem, bayes_gmm::Settings settings, const Stopping& stopping) {
  const DenseShard shard = problem.in(settings.family->scaling);
  BayesianMixture model(settings, problem.summary, shard.transform());
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  FitResult result = fit(model, shard, kSerial, {.stopping = stopping});
  return {std::move(model), std::move(result)};
}

bayes_gmm::Settings settings_of(const char* family, Index features, Index components) {
  return {.family = &mixture::find_family(family, features),
          .components = components,
          .concentration = 0.1,
          .degrees_of_freedom = static_cast<double>(features)};
}

/// Two groups that are far apart, in three features of different scale.
RowMatrix two_groups() {
  RowMatrix rows = test::normal_records(120, 3, 8);
  for (Index n = 0; n < 40; ++n) rows.row(n).array() += 12;
  rows.col(1) *= 1000;
  return rows;
}

}  // namespace

TEST_CASE("The ELBO of a Bayesian mixture never falls") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  const auto prior = GENERATE(WeightPrior::dirichlet, WeightPrior::stick_breaking);
  const double limit = GENERATE(0.0, mixture::kExpansionLimit);
  INFO(family << ", " << static_cast<int>(prior) << ", " << limit);
  const test::Problem problem(two_groups(), kSerial);
  bayes_gmm::Settings settings = settings_of(family, 3, 7);
  settings.weight_prior = prior;
  settings.expansion_limit = limit;
  const Fitted fitted = fit_from_random(problem, settings, {.max_iterations = 300});
  const auto& objectives = fitted.result.progress.objectives;
  REQUIRE(objectives.size() > 20);
  CHECK(fitted.result.progress.falls == 0);
  for (std::size_t t = 1; t < objectives.size(); ++t) CHECK(objectives[t] >= objectives[t - 1] - 1e-10);
}

TEST_CASE("Components that no record needs die, and are counted") {
  const test::Problem problem(two_groups(), kSerial);
  bayes_gmm::Settings settings = settings_of("VVV", 3, 6);
  settings.concentration = 1e-3;
  const Fitted fitted =
      fit_from_random(problem, settings, {.max_iterations = 2000, .gain_per_weight = 1e-12});
  CHECK(fitted.model.live_components() == 2);
  CHECK(fitted.model.log_labellings() == Approx(std::log(6 * 5)));
  std::vector<double> sizes(fitted.model.sizes().begin(), fitted.model.sizes().end());
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes[5] == Approx(80).epsilon(1e-6));
  CHECK(sizes[4] == Approx(40).epsilon(1e-6));
  CHECK(sizes[3] < 1e-6);
}

TEST_CASE("Two sticks of concentration 1 are a Dirichlet of concentration 1") {
  const test::Problem problem(two_groups(), kSerial);
  bayes_gmm::Settings settings = settings_of("VVI", 3, 2);
  settings.concentration = 1;
  const Fitted dirichlet = fit_from_random(problem, settings, {.max_iterations = 40});
  settings.weight_prior = WeightPrior::stick_breaking;
  const Fitted sticks = fit_from_random(problem, settings, {.max_iterations = 40});
  REQUIRE(sticks.result.progress.objectives.size() == dirichlet.result.progress.objectives.size());
  for (std::size_t t = 0; t < sticks.result.progress.objectives.size(); ++t)
    CHECK(sticks.result.progress.objectives[t] ==
          Approx(dirichlet.result.progress.objectives[t]).epsilon(1e-13));
}

TEST_CASE("Expected weights of sticks add up to 1, and their logarithms are below") {
  Vector sizes(5);
  sizes << 3, 0, 17.5, 1e-3, 4;
  for (const double concentration : {1e-3, 1.0, 50.0}) {
    const auto posterior = bayes_gmm::weight_posterior(WeightPrior::stick_breaking, concentration, sizes);
    CHECK(posterior.mean.sum() == Approx(1).epsilon(1e-14));
    CHECK((posterior.mean_log.array() < posterior.mean.array().log()).all());
    CHECK(posterior.divergence > 0);
    const auto prior = bayes_gmm::weight_posterior(WeightPrior::stick_breaking, concentration, 0 * sizes);
    CHECK(static_cast<double>(prior.divergence) == Approx(0).margin(1e-15));
  }
}

TEST_CASE("Families of one feature are one and the same Bayesian mixture") {
  const test::Problem problem(test::normal_records(60, 1, 4), kSerial);
  const Stopping stopping{.max_iterations = 25};
  const auto elbos = [&](const char* family) {
    return fit_from_random(problem, settings_of(family, 1, 3), stopping).result.progress.objectives;
  };
  const auto require_equal = [](const std::vector<double>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t t = 0; t < found.size(); ++t) CHECK(found[t] == Approx(expected[t]).epsilon(1e-11));
  };
  require_equal(elbos("VVI"), elbos("VVV"));
  require_equal(elbos("VII"), elbos("VVV"));
  require_equal(elbos("EII"), elbos("EEE"));
}

TEST_CASE("The predictive density of a Bayesian mixture is one") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  INFO(family);
  const test::Problem problem(test::normal_records(30, 2, 9), kSerial);
  const Fitted fitted = fit_from_random(problem, settings_of(family, 2, 3), {.max_iterations = 20});
  // The integral over the plane, in polar coordinates about the origin, r = tan(angle).
  constexpr Index kRadii = 400, kAngles = 400;
  RowMatrix points(kRadii * kAngles, 2);
  std::vector<double> areas;
  for (Index i = 0; i < kRadii; ++i) {
    const double half_pi = std::numbers::pi / 2, u = (static_cast<double>(i) + 0.5) / kRadii * half_pi;
    const double radius = 3 * std::tan(u), stretch = 3 / (std::cos(u) * std::cos(u)) * half_pi / kRadii;
    for (Index j = 0; j < kAngles; ++j) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(j) / kAngles;
      points.row(i * kAngles + j) << radius * std::cos(angle), radius * std::sin(angle);
      areas.push_back(radius * stretch * 2 * std::numbers::pi / kAngles);
    }
  }
  const DenseBlock block{.records = RowMatrixView(points.data(), points.rows(), 2)};
  const Eigen::ArrayXd log_density = fitted.model.log_predictive(block, fitted.model.log_joint(block));
  double sum = 0;
  for (Index n = 0; n < points.rows(); ++n)
    sum += areas[static_cast<std::size_t>(n)] * std::exp(log_density[n]);
  CHECK(sum == Approx(1).epsilon(2e-4));
}

TEST_CASE("Draws from a Bayesian mixture follow its predictive distribution") {
  const auto family = GENERATE(as<const char*>(), "VVV", "VVI", "VII");
  const Index d = GENERATE(1, 3);
  INFO(family << ", D = " << d);
  const test::Problem problem(test::normal_records(6, d, 2), kSerial);
  bayes_gmm::Settings settings = settings_of(family, d, 1);
  const Fitted fitted = fit_from_random(problem, settings, {.max_iterations = 1});
  const Transform transform = Transform::identity(d);
  const bayes_gmm::Sampler sampler(fitted.model, transform, 5);
  constexpr Index kDraws = 20000;
  std::vector<std::vector<double>> draws(static_cast<std::size_t>(d));
  std::vector<double> record(static_cast<std::size_t>(d));
  for (Index n = 0; n < kDraws; ++n) {
    sampler.draw(n, record);
    for (std::size_t i = 0; i < draws.size(); ++i) draws[i].push_back(record[i]);
  }
  const mixture::Tails tails = fitted.model.tails();
  const boost::math::students_t distribution(tails.degrees[0]);
  for (Index i = 0; i < d; ++i) {
    auto& values = draws[static_cast<std::size_t>(i)];
    std::sort(values.begin(), values.end());
    const double scale = std::sqrt(tails.factors[0] * fitted.model.covariances().variances(0)[i]);
    double distance = 0;  // Kolmogorov and Smirnov's
    for (Index n = 0; n < kDraws; ++n) {
      const double standard = (values[static_cast<std::size_t>(n)] - fitted.model.means()(0, i)) / scale;
      const double below = (static_cast<double>(n) + 0.5) / kDraws;
      distance = std::max(distance, std::abs(boost::math::cdf(distribution, standard) - below));
    }
    CHECK(distance * std::sqrt(static_cast<double>(kDraws)) < 1.95);  // 0.1 % of right samplers fail
  }
}

TEST_CASE("A duplicated record is one of weight 2 to a Bayesian mixture") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  INFO(family);
  const RowMatrix rows = two_groups();
  RowMatrix doubled(rows.rows() + 10, rows.cols());
  doubled << rows, rows.topRows(10);
  std::vector<double> weights(static_cast<std::size_t>(rows.rows()), 1);
  std::fill_n(weights.begin(), 10, 2);
  const auto elbo_of = [&](const test::Problem& problem) {
    const bayes_gmm::Settings settings = settings_of(family, 3, 2);
    const DenseShard shard = problem.in(settings.family->scaling);
    BayesianMixture model(settings, problem.summary, shard.transform());
    start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
      for (Index n = 0; n < block.rows(); ++n) {
        const Index record = (block.first_record + n) % 120;
        r(n, record < 40 || record % 5 == 0 ? 0 : 1) = 1;
      }
    });
    const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = 30}});
    return model.units().reported(result.progress.objective(), result.progress.weight);
  };
  CHECK(elbo_of(test::Problem(doubled, kSerial)) ==
        Approx(elbo_of(test::Problem(rows, kSerial, weights))).epsilon(1e-11));
}

TEST_CASE("Settings that are no prior are refused") {
  const auto make = [](bayes_gmm::Options options) { return bayes_gmm::make_settings(options, 3, 4); };
  CHECK_THROWS_WITH(make({.degrees_of_freedom = 3}),
                    Catch::Contains("degrees-of-freedom = 3 (must be above 3"));
  CHECK(make({.covariance = "diag", .degrees_of_freedom = 0.5}).degrees_of_freedom == 0.5);
  CHECK_THROWS_WITH(make({.concentration = -1}), Catch::Contains("concentration = -1 (must be positive"));
  CHECK_THROWS_WITH(make({.mean_precision = 0}), Catch::Contains("mean-precision = 0 (must be positive"));
  CHECK_THROWS_WITH(make({.prior_covariance = NAN}), Catch::Contains("prior-covariance = nan"));
  CHECK_THROWS_WITH(make({.weight_prior = "flat"}), Catch::Contains("dirichlet or stick-breaking"));
  CHECK(make({}).concentration == Approx(1.0 / 3));
  CHECK(make({}).degrees_of_freedom == 4);
  CHECK(make({.weight_prior = "stick-breaking"}).concentration == 1);
}
