#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/random.hpp"
#include "jensen/models/advi/bernstein_von_mises.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::BernsteinVonMises;
using advi::BernsteinVonMisesStep;
using advi::Regression;
using advi::Response;

namespace {

const Communicator kSerial;

/// y ~ N(X beta, 1), beta ~ N(0, 0.3^2): a normal posterior that the prior pulls to 0.
struct Conjugate {
  std::vector<advi::ParameterBlock> parameters() const { return {{.name = "beta", .size = 2}}; }
  advi::Var log_prior(advi::Parameters theta) const { return -0.5 * dot(theta[0], theta[0]) / 0.09; }
  advi::Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
    const advi::Var y(Eigen::ArrayXd(Eigen::Map<const Eigen::ArrayXd>(block.responses.data(), block.rows())));
    return -0.5 * square(y - product(block.features.records, theta[0]));
  }
};

/// KL(p || q) of normals, nats.
double divergence(const Vector& p_mean, const Matrix& p, const Vector& q_mean, const Matrix& q) {
  const Matrix precision = q.inverse();
  const Vector offset = p_mean - q_mean;
  return 0.5 * ((precision * p).trace() + offset.dot(precision * offset) - static_cast<double>(p.rows()) +
                std::log(q.determinant() / p.determinant()));
}

ResponseShard logistic_records(Index count, bool separable) {
  const RowMatrix x = test::normal_records(count, 2, 4);
  std::vector<double> y;
  for (Index n = 0; n < count; ++n) {
    const double eta = 0.8 * x(n, 0) - 0.3;
    const bool one = separable ? eta > 0 : Stream(9, Purpose::canary, n).uniform() < 1 / (1 + std::exp(-eta));
    y.push_back(one ? 1 : 0);
  }
  return ResponseShard(make_serial_shard(x), y);
}

std::shared_ptr<Regression> regression(Response response) {
  return std::make_shared<Regression>(
      advi::RegressionSettings{.response = response, .prior_scales = Vector::Constant(2, 2.5)}, 2);
}

}  // namespace

TEST_CASE("distances of a normal posterior are those in closed form", "[advi]") {
  const Index count = 400;
  const RowMatrix x = test::normal_records(count, 2, 5);
  Vector y = x * Eigen::Vector2d(0.4, -0.2);
  for (Index n = 0; n < count; ++n) y[n] += Stream(6, Purpose::canary, n).normal();
  const ResponseShard shard(make_serial_shard(x), std::vector<double>(y.begin(), y.end()));
  const BernsteinVonMises found =
      bernstein_von_mises(advi::make_target(Conjugate{}), shard, kSerial, {.halvings = 0});
  REQUIRE(found.steps.size() == 1);
  const BernsteinVonMisesStep& step = found.steps[0];
  REQUIRE(step.refusal == "");
  CHECK(step.records == count);

  const Matrix information = x.transpose() * x, covariance = information.inverse();
  const Vector estimate = covariance * (x.transpose() * y);
  const Matrix posterior = Matrix(information + Matrix::Identity(2, 2) / 0.09).inverse();
  const Vector mean = posterior * (x.transpose() * y);
  const Vector deviations = posterior.diagonal().cwiseSqrt();
  CHECK((step.mean - mean).cwiseQuotient(deviations).norm() < 1e-4);
  CHECK(((step.deviations - deviations).cwiseQuotient(deviations)).norm() < 1e-4);
  CHECK(step.laplace.divergence == Approx(0).margin(1e-6));
  const double expected = divergence(mean, posterior, estimate, covariance);
  CHECK(std::abs(step.likelihood.divergence - expected) < 4 * step.likelihood.divergence_error);
  CHECK(step.likelihood.divergence_error < 0.2 * expected);
  CHECK(step.likelihood.mean_difference ==
        Approx((estimate - mean).cwiseQuotient(deviations).cwiseAbs().maxCoeff()).epsilon(1e-3));
  const Vector residual = y - x * estimate;
  const Matrix weighted = residual.array().square().matrix().asDiagonal() * x;
  const Matrix sandwich = covariance * (x.transpose() * weighted) * covariance;
  CHECK(std::abs(step.sandwich.divergence - divergence(mean, posterior, estimate, sandwich)) <
        4 * step.sandwich.divergence_error);
  CHECK(std::isnan(found.rate));  // of one step
  CHECK_FALSE(step.expected);
  CHECK(step.observed.divergence == step.likelihood.divergence);
}

TEST_CASE("a posterior nears the normal of the maximum likelihood as records grow", "[advi]") {
  const BernsteinVonMises found = bernstein_von_mises(
      regression(Response::bernoulli), logistic_records(3200, false), kSerial, {.halvings = 5});
  for (const BernsteinVonMisesStep& step : found.steps) CHECK(step.refusal == "");
  REQUIRE(found.refusals.empty());
  CHECK(found.holds);
  CHECK(found.rate == Approx(-1).margin(0.4));
  REQUIRE(found.verdict.size() == 2);
  CHECK_THAT(found.verdict[0], Catch::Contains("with 3200 records the posterior is close to"));
  for (const BernsteinVonMisesStep& step : found.steps) {
    CHECK(step.expected);  // with this link the same as observed
    CHECK(step.observed.divergence == Approx(step.likelihood.divergence).epsilon(1e-3));
  }
  CHECK(found.steps.front().likelihood.divergence > 8 * found.steps.back().likelihood.divergence);
  for (std::size_t i = 1; i < found.steps.size(); ++i)
    CHECK(found.steps[i].records == Approx(2 * found.steps[i - 1].records).epsilon(0.25));
}

TEST_CASE("a model that is wrong about the noise has another sandwich, and it is said", "[advi]") {
  const Index count = 1600;
  const RowMatrix x = test::normal_records(count, 2, 4);
  std::vector<double> y;
  for (Index n = 0; n < count; ++n)
    y.push_back(x(n, 0) + std::exp(0.5 * x(n, 1)) * Stream(8, Purpose::canary, n).normal());
  const BernsteinVonMises found = bernstein_von_mises(
      regression(Response::normal), ResponseShard(make_serial_shard(x), y), kSerial, {.halvings = 0});
  REQUIRE(found.refusals.empty());
  CHECK(found.steps.back().sandwich_ratio > 1.25);
  CHECK_THAT(found.verdict.back(), Catch::Contains("does not describe how the records vary"));
}

TEST_CASE("there is no verdict where the theorem's conditions fail", "[advi]") {
  const BernsteinVonMises separable =
      bernstein_von_mises(regression(Response::bernoulli), logistic_records(200, true), kSerial,
                          {.halvings = 1, .iterations = 10});
  REQUIRE(separable.refusals.size() == 1);
  CHECK_THAT(separable.refusals[0], Catch::StartsWith("the log-likelihood"));
  CHECK_FALSE(separable.holds);
  CHECK(separable.verdict.empty());
  const BernsteinVonMises classes =
      bernstein_von_mises(regression(Response::bernoulli), logistic_records(200, true), kSerial,
                          {.halvings = 1, .iterations = 10, .classes = 2});
  REQUIRE(classes.refusals.size() == 1);
  CHECK_THAT(classes.refusals[0], Catch::StartsWith("the features separate the classes of all 200 records"));
  CHECK(classes.steps.front().refusal != "");
  const BernsteinVonMises named =
      bernstein_von_mises(regression(Response::bernoulli), logistic_records(400, false), kSerial,
                          {.halvings = 0, .iterations = 10, .violated = {"labels can be exchanged"}});
  CHECK(named.refusals == std::vector<std::string>{"labels can be exchanged"});
  CHECK(named.steps.back().refusal == "");
}

TEST_CASE("parts without records are refused, and the others judged", "[advi]") {
  const BernsteinVonMises found =
      bernstein_von_mises(regression(Response::bernoulli), logistic_records(40, false), kSerial,
                          {.halvings = 10, .iterations = 10});
  CHECK(found.steps.front().records == 0);
  CHECK(found.steps.front().refusal != "");
  CHECK(found.steps.back().records == 40);
}

TEST_CASE("the best mean-field q of a correlated normal is off by what no record mends", "[advi]") {
  CHECK(advi::mean_field_gap((Matrix(2, 2) << 2, 1, 1, 2).finished()) == Approx(0.143841036226));
  CHECK(advi::mean_field_gap(50 * (Matrix(2, 2) << 2, 1, 1, 2).finished()) == Approx(0.143841036226));
}
