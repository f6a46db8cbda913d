#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/laplace.hpp"
#include "jensen/models/advi/subsample.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/samples.hpp"
#include "support/targets.hpp"

using namespace jensen;
using advi::Regression;
using advi::RegressionSettings;
using advi::Response;

namespace {

const Communicator kSerial;
constexpr Index kFeatures = 2, kClasses = 3;
constexpr double kNu = 4;

std::shared_ptr<Regression> regression(Response response) {
  return std::make_shared<Regression>(RegressionSettings{.response = response,
                                                         .classes = kClasses,
                                                         .degrees_of_freedom = kNu,
                                                         .prior_scales = Vector::Ones(kFeatures)},
                                      kFeatures);
}

/// Every response that a record may have, with its probability: for numbers those of a fine grid.
struct Outcomes {
  std::vector<double> values, weights;
  void add(double value, double weight) { values.push_back(value), weights.push_back(weight); }
};

/// @param eta C - 1 predictors; `own`: scale, or size
Outcomes outcomes(Response response, const Vector& eta, double own) {
  Outcomes all;
  if (response == Response::categorical) {
    const Vector e = (Vector(kClasses) << 1, eta.array().exp().matrix()).finished();
    for (Index c = 0; c < kClasses; ++c) all.add(static_cast<double>(c), e[c] / e.sum());
  } else if (response == Response::bernoulli) {
    const double p = 1 / (1 + std::exp(-eta[0]));
    all.add(0, 1 - p), all.add(1, p);
  } else if (response == Response::poisson || response == Response::negative_binomial) {
    const double mean = std::exp(eta[0]), most = 60 * mean + 200;
    for (double y = 0; y < most; ++y) {
      const double log_p = response == Response::poisson
                               ? y * eta[0] - mean - std::lgamma(y + 1)
                               : std::lgamma(y + own) - std::lgamma(own) - std::lgamma(y + 1) +
                                     own * std::log(own / (own + mean)) + y * std::log(mean / (own + mean));
      all.add(y, std::exp(log_p));
    }
  } else {
    // y = eta + scale sinh(t): the tails of a t distribution with 4 degrees of freedom fall as e^(-4 t)
    const double constant = response == Response::normal ? 1 / std::sqrt(2 * std::numbers::pi)
                                                         : std::tgamma((kNu + 1) / 2) / std::tgamma(kNu / 2) /
                                                               std::sqrt(kNu * std::numbers::pi);
    for (double t = -12; t < 12; t += 0.02) {
      const double z = std::sinh(t), density = response == Response::normal
                                                   ? std::exp(-0.5 * z * z)
                                                   : std::pow(1 + z * z / kNu, -(kNu + 1) / 2);
      all.add(eta[0] + own * z, constant * density * std::cosh(t) * 0.02);
    }
  }
  return all;
}

Vector zeta_of(const Regression& target, double intercept, double own) {
  Vector zeta = Vector::LinSpaced(unconstrained_size(target), -0.4, 0.5);
  zeta[0] = intercept;
  if (target.parameters().size() > 2) zeta[zeta.size() - 1] = std::log(own);
  return zeta;
}

/// One record with all its responses, weighted by their probabilities at zeta.
ResponseShard all_outcomes(const Regression& target, const Vector& zeta, double own) {
  const Vector theta = constrained(target, zeta);
  const RowMatrix record = test::normal_records(1, kFeatures, 3);
  Vector eta = theta.head(target.predictors());
  eta +=
      target.coefficients({theta.data(), static_cast<std::size_t>(theta.size())}) * record.row(0).transpose();
  const Outcomes all = outcomes(target.settings().response, eta, own);
  return ResponseShard(make_serial_shard(record.replicate(std::ssize(all.values), 1), all.weights),
                       all.values);
}

}  // namespace

TEST_CASE("the information that is expected is that of all responses there can be", "[advi]") {
  struct Case {
    Response response;
    double intercept, own, tolerance;
  };
  for (const auto& [response, intercept, own, tolerance] :
       {Case{Response::normal, 0.7, 1.7, 1e-10}, Case{Response::student, -0.2, 0.6, 1e-10},
        Case{Response::bernoulli, 1.3, 1, 1e-12}, Case{Response::poisson, 1.5, 1, 1e-12},
        Case{Response::negative_binomial, 1.2, 0.4, 1e-9}, Case{Response::negative_binomial, 2.5, 8, 1e-9},
        Case{Response::negative_binomial, 7.5, 3, 1e-8}, Case{Response::categorical, 0.3, 1, 1e-12}}) {
    const auto target = regression(response);
    const Vector zeta = zeta_of(*target, intercept, own);
    const ResponseShard shard = all_outcomes(*target, zeta, own);
    const Matrix found = expected_information(*target, zeta, shard, kSerial);
    const Matrix summed = score_products(*target, zeta, shard, kSerial);
    INFO("response " << static_cast<int>(response) << "\n" << found << "\nsummed\n" << summed);
    REQUIRE(found.rows() == zeta.size());
    for (Index i = 0; i < zeta.size(); ++i) {
      for (Index j = 0; j < zeta.size(); ++j) {
        const double scale = std::sqrt(summed(i, i) * summed(j, j));
        CHECK(std::abs(found(i, j) - summed(i, j)) < tolerance * scale);
      }
    }
  }
}

TEST_CASE("with canonical links the observed information is the expected one", "[advi]") {
  const RowMatrix x = test::normal_records(300, kFeatures, 5);
  for (const Response response : {Response::bernoulli, Response::poisson, Response::categorical}) {
    std::vector<double> y, weights;
    for (Index n = 0; n < 300; ++n) {
      const double limit = response == Response::bernoulli ? 2 : response == Response::poisson ? 5 : kClasses;
      y.push_back(std::floor(limit * Stream(6, Purpose::canary, n).uniform()));
      weights.push_back(static_cast<double>(n % 3));
    }
    const auto target = regression(response);
    const ResponseShard shard(make_serial_shard(x, weights), y);
    const advi::Laplace fit =
        laplace(target, target->start(), shard, kSerial, {.density = advi::Density::likelihood});
    REQUIRE(fit.refusal == "");
    const Matrix found = expected_information(*target, fit.mode, shard, kSerial);
    CHECK((found - fit.precision).norm() < 1e-6 * found.norm());
  }
}

TEST_CASE("a line's information is that of least squares, and 2 of a record on the logarithm of its scale",
          "[advi]") {
  const RowMatrix x = test::normal_records(40, kFeatures, 7);
  const auto target = regression(Response::normal);
  const Vector zeta = zeta_of(*target, 0, 2.5);
  const ResponseShard shard(make_serial_shard(x), std::vector<double>(40, 1.0));
  const Matrix found = expected_information(*target, zeta, shard, kSerial);
  Matrix design(40, 1 + kFeatures);
  design << Vector::Ones(40), x;
  Matrix expected = Matrix::Zero(4, 4);
  expected.topLeftCorner(3, 3) = design.transpose() * design / 6.25;
  expected(3, 3) = 80;
  CHECK((found - expected).norm() < 1e-12 * expected.norm());
  const advi::Subsample none(target, 0, 1), all(target, 1, 1), half(target, 0.5, 1);
  CHECK(expected_information(none, zeta, shard, kSerial) == Matrix::Zero(4, 4));
  CHECK(expected_information(all, zeta, shard, kSerial) == found);
  Index count = 0;
  for (Index n = 0; n < 40; ++n) count += half.contains(n) ? 1 : 0;
  CHECK(expected_information(half, zeta, shard, kSerial)(3, 3) == Approx(2.0 * static_cast<double>(count)));
}

TEST_CASE("targets without a single maximum or a formula say that they know no expected information",
          "[advi]") {
  CHECK(regression(Response::normal)->has_expected_information());
  CHECK_FALSE(Regression({.groups = 2, .prior_scales = Vector::Ones(1)}, 1).has_expected_information());
  CHECK_FALSE(Regression({.prior = advi::CoefficientPrior::horseshoe, .prior_scales = Vector::Ones(1)}, 1)
                  .has_expected_information());
  const auto plain = advi::make_target(test::EdgeTarget{2});
  CHECK_FALSE(plain->has_expected_information());
  CHECK_THROWS_AS(expected_information(*plain, Vector::Zero(1), test::no_data(), kSerial), InputError);
}
