#include "jensen/models/advi/laplace.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/random.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/targets/factor_analysis.hpp"
#include "jensen/models/advi/targets/mixture.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/data.hpp"
#include "support/samples.hpp"
#include "support/targets.hpp"

using namespace jensen;
using advi::Density;
using advi::Laplace;
using advi::Regression;
using advi::Response;

namespace {

const Communicator kSerial;

Laplace laplace_of(const std::shared_ptr<const advi::Target>& target, const ResponseShard& shard,
                   Density density = Density::posterior) {
  return laplace(target, target->start(), shard, kSerial, {.density = density});
}

/// Responses of a regression on standard normal features, and these.
struct Data {
  RowMatrix x;
  std::vector<double> y;
  ResponseShard shard() const { return ResponseShard(make_serial_shard(x), y); }
};

Data logistic_data(Index count, Index features, std::uint64_t seed) {
  Data data{test::normal_records(count, features, seed), {}};
  for (Index n = 0; n < count; ++n) {
    Stream stream(seed, Purpose::canary, n);
    const double eta = 0.3 + data.x.row(n).sum() / 2;
    data.y.push_back(stream.uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0);
  }
  return data;
}

std::shared_ptr<Regression> regression(Response response, Index features, double scale = 2.5) {
  return std::make_shared<Regression>(
      advi::RegressionSettings{.response = response, .prior_scales = Vector::Constant(features, scale)},
      features);
}

/// Maximum likelihood of a logistic regression with intercept, and its covariance, by Newton's method in the
/// form of reweighted least squares.
struct Logistic {
  Vector beta;
  Matrix covariance, sandwich;

  explicit Logistic(const Data& data) {
    Matrix x(data.x.rows(), data.x.cols() + 1);
    x << Vector::Ones(x.rows()), data.x;
    const Eigen::Map<const Vector> y(data.y.data(), x.rows());
    beta = Vector::Zero(x.cols());
    for (int i = 0; i < 30; ++i) {
      const Vector p = 1 / (1 + (-(x * beta).array()).exp());
      const Vector weights = p.array() * (1 - p.array());
      covariance = Matrix(x.transpose() * weights.asDiagonal() * x).inverse();
      beta += covariance * (x.transpose() * (y - p));
      const Vector square = (y - p).array().square();
      sandwich = covariance * (x.transpose() * square.asDiagonal() * x) * covariance;
    }
  }
};

}  // namespace

TEST_CASE("Laplace's approximation of a normal is that normal, and its evidence exact", "[advi]") {
  Vector scales(4);
  scales << 1e-4, 1, 1e3, 30;
  Matrix precision = Matrix::Constant(4, 4, 0.9);
  precision.diagonal().setOnes();
  precision = scales.cwiseInverse().asDiagonal() * precision * scales.cwiseInverse().asDiagonal();
  const test::NormalTarget normal{20 * scales, precision};
  const Laplace fit = laplace_of(advi::make_target(normal), test::no_data());
  REQUIRE(fit.refusal == "");
  CHECK((fit.mode - normal.mean).cwiseQuotient(scales).norm() < 1e-6);
  const Matrix expected = precision.inverse();
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 4; ++j) CHECK(fit.covariance(i, j) == Approx(expected(i, j)).epsilon(1e-6));
  }
  CHECK(fit.log_evidence ==
        Approx(2 * std::log(2 * std::numbers::pi) - 0.5 * std::log(precision.determinant())).epsilon(1e-8));
  CHECK(fit.distance < 1e-6);
}

TEST_CASE("the maximum of a likelihood has the observed information and the sandwich of textbooks",
          "[advi]") {
  const Data data = logistic_data(400, 3, 5);
  const Logistic expected(data);
  const auto target = regression(Response::bernoulli, 3);
  const ResponseShard shard = data.shard();
  const Laplace fit = laplace_of(target, shard, Density::likelihood);
  REQUIRE(fit.refusal == "");
  CHECK((fit.mode - expected.beta).norm() < 1e-7);
  CHECK((fit.covariance - expected.covariance).norm() < 1e-6 * expected.covariance.norm());
  CHECK((sandwich_covariance(*target, fit, shard, kSerial) - expected.sandwich).norm() <
        1e-6 * expected.sandwich.norm());
  CHECK(fit.iterations < 10);
}

TEST_CASE("separable responses have no maximum of the likelihood, and with a prior a mode", "[advi]") {
  Data data = logistic_data(60, 2, 6);
  for (Index n = 0; n < 60; ++n) data.y[static_cast<std::size_t>(n)] = data.x(n, 0) > 0 ? 1 : 0;
  const auto target = regression(Response::bernoulli, 2);
  const ResponseShard shard = data.shard();
  const Laplace fit = laplace_of(target, shard, Density::likelihood);
  CHECK_THAT(fit.refusal, Catch::Contains("the log-likelihood") && Catch::Contains("separate"));
  CHECK(fit.covariance.size() == 0);
  CHECK(fit.iterations <= 200);
  const Laplace posterior = laplace_of(target, shard);
  CHECK(posterior.refusal == "");
}

TEST_CASE("features that say the same have no information of their own, and with a prior some", "[advi]") {
  Data data = logistic_data(100, 3, 7);
  data.x.col(2) = data.x.col(1);
  const auto target = regression(Response::bernoulli, 3);
  const ResponseShard shard = data.shard();
  const Laplace fit = laplace_of(target, shard, Density::likelihood);
  CHECK_THAT(fit.refusal, Catch::Contains("coefficients[1]") || Catch::Contains("coefficients[2]"));
  const Laplace posterior = laplace_of(target, shard);
  REQUIRE(posterior.refusal == "");
  const Matrix& covariance = posterior.covariance;
  CHECK(covariance(2, 3) < -0.9 * std::sqrt(covariance(2, 2) * covariance(3, 3)));
}

TEST_CASE("a variance that goes to 0 is the edge of its constraint, and said", "[advi]") {
  // a line without noise: the maximum likelihood scale is 0
  Data data{test::normal_records(50, 1, 8), {}};
  for (Index n = 0; n < 50; ++n) data.y.push_back(2 * data.x(n, 0) + 1);
  const Laplace fit = laplace_of(regression(Response::normal, 1), data.shard(), Density::likelihood);
  INFO(fit.refusal);
  CHECK_FALSE(fit.found());
}

TEST_CASE("a search that begins at nothing finite says so", "[advi]") {
  Data data = logistic_data(20, 1, 9);
  data.x(3, 0) = std::numeric_limits<double>::infinity();
  const Laplace fit = laplace_of(regression(Response::bernoulli, 1), data.shard());
  CHECK_THAT(fit.refusal, Catch::Contains("NaN or infinite at or beside iteration 0"));
}

TEST_CASE("the two ways to the mode meet", "[advi]") {
  const Data data = logistic_data(300, 12, 10);
  const auto target = regression(Response::bernoulli, 12);
  const ResponseShard shard = data.shard();
  const Laplace newton = laplace_of(target, shard);
  const Laplace gradients = laplace(target, target->start(), shard, kSerial, {.newton_limit = 0});
  REQUIRE(newton.refusal == "");
  REQUIRE(gradients.refusal == "");
  CHECK((newton.mode - gradients.mode).cwiseQuotient(newton.deviations()).norm() < 1e-6);
  CHECK(gradients.log_evidence == Approx(newton.log_evidence).margin(1e-6));
}

TEST_CASE("a mode in many dimensions has the curvature of its formula", "[advi]") {
  const Index features = 270;  // differences take more than one pass
  const Data data = logistic_data(500, features, 12);
  const Laplace fit = laplace_of(regression(Response::bernoulli, features), data.shard());
  REQUIRE(fit.refusal == "");
  Matrix x(500, features + 1);
  x << Vector::Ones(500), data.x;
  const Vector p = 1 / (1 + (-(x * fit.mode).array()).exp());
  const Vector weights = p.array() * (1 - p.array());
  const Matrix expected =
      x.transpose() * weights.asDiagonal() * x + Matrix::Identity(features + 1, features + 1) / (2.5 * 2.5);
  CHECK((fit.precision - expected).norm() < 1e-6 * expected.norm());
}

TEST_CASE("far starts and steep likelihoods are climbed", "[advi]") {
  Data data{test::normal_records(200, 2, 11), {}};
  for (Index n = 0; n < 200; ++n) {
    Stream stream(3, Purpose::canary, n);
    data.y.push_back(std::floor(std::exp(4 + data.x(n, 0) + 0.2 * stream.normal())));
  }
  const auto target = regression(Response::poisson, 2);
  for (const double offset : {-20.0, 0.0, 20.0}) {
    const Laplace fit = laplace(target, Vector::Constant(3, offset), data.shard(), kSerial);
    INFO("from " << offset << " in " << fit.iterations);
    REQUIRE(fit.refusal == "");
    CHECK(fit.mode[0] == Approx(4).margin(0.1));
  }
}

TEST_CASE("mixtures and factors have their modes", "[advi]") {
  const RowMatrix iris = test::read_csv("iris.csv");
  const ResponseShard shard(make_serial_shard(iris));
  const Vector mean = iris.colwise().mean().transpose();
  const Vector spread = (iris.rowwise() - mean.transpose()).colwise().norm().transpose() / std::sqrt(150.0);
  const auto mixture = std::make_shared<advi::Mixture>(
      advi::MixtureSettings{.components = 3, .centre = mean, .spread = spread});
  const Laplace of_mixture = laplace_of(mixture, shard);
  INFO(of_mixture.iterations << " iterations, " << of_mixture.log_density);
  CHECK(of_mixture.refusal == "");
  const auto factors = std::make_shared<advi::FactorAnalysis>(
      advi::FactorSettings{.factors = 1, .centre = mean, .spread = spread});
  const Laplace of_factors = laplace_of(factors, shard);
  INFO(of_factors.iterations << " iterations, " << of_factors.log_density);
  CHECK(of_factors.refusal == "");
}
