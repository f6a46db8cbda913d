#include <Eigen/Dense>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/divergence.hpp"
#include "jensen/core/linalg.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/family.hpp"
#include "jensen/models/advi/points_pass.hpp"
#include "support/samples.hpp"

// log p(data) = ELBO(q) + KL(q || posterior) for any normal q, where all three have closed forms or exact
// quadratures.

using namespace jensen;
using advi::Family;
using advi::Parameters;
using advi::Var;

namespace {

constexpr double kPriorVariance = 2.5;
const double kLogTwoPi = std::log(2 * std::numbers::pi);

/// y_n ~ N(x_n' beta, 1), beta ~ N(0, 2.5): the posterior is normal. A record is x_n, then y_n.
struct LinearTarget {
  Index features;

  std::vector<advi::ParameterBlock> parameters() const { return {{.name = "beta", .size = features}}; }
  Var log_prior(Parameters theta) const {
    return -0.5 * dot(theta[0], theta[0]) / kPriorVariance -
           0.5 * static_cast<double>(features) * (kLogTwoPi + std::log(kPriorVariance));
  }
  Var log_likelihood(Parameters theta, const ResponseBlock& block) const {
    Var residual(Eigen::ArrayXd(block.features.records.col(features).array()));
    for (Index j = 0; j < features; ++j)
      residual -= element(theta[0], j) * Var(Eigen::ArrayXd(block.features.records.col(j).array()));
    return -0.5 * (square(residual) + kLogTwoPi);
  }
};

/// x_n ~ Poisson(rate), rate ~ Gamma(shape, 1): the posterior is Gamma(shape + sum x, 1 + N).
struct RateTarget {
  double shape;

  std::vector<advi::ParameterBlock> parameters() const {
    return {{.name = "rate", .constraint = advi::Constraint::positive}};
  }
  Var log_prior(Parameters theta) const {
    return (shape - 1) * log(theta[0]) - theta[0] - std::lgamma(shape);
  }
  Var log_likelihood(Parameters theta, const ResponseBlock& block) const {
    const Var counts(Eigen::ArrayXd(block.features.records.col(0).array()));
    return counts * log(theta[0]) - theta[0] - log_gamma(counts + 1);
  }
};

ResponseShard shard_of(const RowMatrix& records) {
  return ResponseShard(make_serial_shard(records));
}

double half_log_determinant(const Matrix& covariance) {
  return CovarianceRoot(covariance, "covariance").log_determinant() / 2;
}

/// A q that is neither the prior nor the posterior.
Family some_q(advi::Covariance covariance, Index size) {
  Family q(covariance, size, 1);
  Stream stream(5, Purpose::canary, size);
  for (double& number : q.parameters()) number = 0.6 * stream.normal() - 0.3;
  q.prepare();
  return q;
}

/// E_q[f] of f of degree two, exactly: the mean of f at mean +- sqrt(p) times each column of a root.
double expectation_of_quadratic(const Family& q, const std::shared_ptr<const advi::Target>& target,
                                const ResponseShard& shard) {
  const Matrix root = CovarianceRoot(q.covariance_matrix(), "q").lower();
  const double reach = std::sqrt(static_cast<double>(q.size()));
  Matrix points(q.size(), 2 * q.size());
  for (Index i = 0; i < q.size(); ++i) {
    points.col(2 * i) = q.mean() + reach * root.col(i);
    points.col(2 * i + 1) = q.mean() - reach * root.col(i);
  }
  return log_densities(target, advi::Density::posterior, points, shard, {}).mean();
}

}  // namespace

TEST_CASE("log p(data) = ELBO + KL to rounding, for any normal q of a linear regression", "[advi]") {
  constexpr Index kRecords = 40, kFeatures = 3;
  const RowMatrix records = test::normal_records(kRecords, kFeatures + 1, 3);
  const Matrix x = records.leftCols(kFeatures);
  const Vector y = records.col(kFeatures);
  const Matrix marginal = Matrix::Identity(kRecords, kRecords) + kPriorVariance * x * x.transpose();
  const double evidence =
      -0.5 * (static_cast<double>(kRecords) * kLogTwoPi + y.dot(marginal.ldlt().solve(y))) -
      half_log_determinant(marginal);
  const Matrix precision = x.transpose() * x + Matrix::Identity(kFeatures, kFeatures) / kPriorVariance;
  const Gaussian posterior{.mean = precision.ldlt().solve(x.transpose() * y),
                           .covariance = precision.inverse()};

  const auto target = advi::make_target(LinearTarget{kFeatures});
  const auto covariance =
      GENERATE(advi::Covariance::mean_field, advi::Covariance::full_rank, advi::Covariance::low_rank);
  const auto check = [&](const Family& q, bool is_posterior) {
    const double elbo = expectation_of_quadratic(q, target, shard_of(records)) + q.entropy();
    const double kl =
        kl_divergence(Gaussian{.mean = q.mean(), .covariance = q.covariance_matrix()}, posterior);
    CHECK((is_posterior ? std::abs(kl) < 1e-12 : kl > 0.1));
    CHECK(elbo + kl == Approx(evidence).epsilon(1e-12));
  };
  check(some_q(covariance, kFeatures), false);
  if (covariance != advi::Covariance::full_rank) return;
  Family exact(covariance, kFeatures, 1);
  exact.set_normal(posterior.mean, posterior.covariance, precision);
  exact.prepare();
  check(exact, true);
}

TEST_CASE("the identity holds under a constraint, the Jacobian being part of the density", "[advi]") {
  const double shape = 3;
  RowMatrix counts(6, 1);
  counts << 2, 0, 3, 1, 1, 4;
  const double total = counts.sum(), n = static_cast<double>(counts.rows());
  const double a = shape + total, b = 1 + n;  // of the posterior
  double evidence = std::lgamma(a) - a * std::log(b) - std::lgamma(shape);
  for (const double count : counts.reshaped()) evidence -= std::lgamma(count + 1);

  const Family q = some_q(advi::Covariance::mean_field, 1);
  const double mean = q.mean()[0], sd = q.deviations()[0];
  // The trapezoidal rule is exact to rounding for analytic functions that vanish at both ends.
  constexpr Index kNodes = 400;
  constexpr double kReach = 12;
  Matrix nodes(1, kNodes + 1);
  for (Index i = 0; i <= kNodes; ++i)
    nodes(0, i) = mean + sd * kReach * (2 * static_cast<double>(i) / kNodes - 1);
  const Vector densities = log_densities(advi::make_target(RateTarget{shape}), advi::Density::posterior,
                                         nodes, shard_of(counts), {});
  double expected = 0;
  for (Index i = 0; i <= kNodes; ++i)
    expected += std::exp(q.log_density(nodes.col(i))) * densities[i] * (2 * kReach * sd / kNodes);
  // E_q of log Gamma(rate | a, b) + log rate, rate being log-normal
  const double of_posterior = a * std::log(b) - std::lgamma(a) + a * mean - b * std::exp(mean + sd * sd / 2);
  const double kl = -q.entropy() - of_posterior;
  CHECK(kl > 0.1);
  CHECK(expected + q.entropy() + kl == Approx(evidence).epsilon(1e-12));
}
