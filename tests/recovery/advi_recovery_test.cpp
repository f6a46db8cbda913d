#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/chain_summary.hpp"
#include "jensen/core/metropolis.hpp"
#include "jensen/core/pareto_smoothing.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/advi/advi.hpp"
#include "jensen/models/advi/laplace.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/log_joint.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::Family;
using advi::Regression;
using advi::Response;

namespace {

const Communicator kSerial;

Family full_rank_q(const std::shared_ptr<const advi::Target>& target, const ResponseShard& shard,
                   Index iterations, std::uint64_t seed = 1) {
  advi::Advi model(target, {.covariance = advi::Covariance::full_rank, .draws = 16, .seed = seed});
  fit(model, shard, kSerial, {.stopping = {.max_iterations = iterations}});
  return model.posterior();
}

/// Draws of q, a column each, keyed.
Matrix draws_of(const Family& q, Index count, std::uint64_t seed) {
  Matrix draws(q.size(), count);
  for (Index s = 0; s < count; ++s) {
    Stream stream(seed, Purpose::sampling, s);
    Vector noise(q.noise_size());
    for (double& number : noise) number = stream.normal();
    draws.col(s) = q.at(noise);
  }
  return draws;
}

ParetoSmoothed smoothed(const Family& q, const std::shared_ptr<const advi::Target>& target,
                        const ResponseShard& shard) {
  const Matrix draws = draws_of(q, 1000, 3);
  const Vector log_p = log_densities(target, advi::Density::posterior, draws, shard, kSerial);
  std::vector<double> ratios;
  for (Index s = 0; s < draws.cols(); ++s) ratios.push_back(log_p[s] - q.log_density(draws.col(s)));
  return pareto_smooth(ratios);
}

/// In one block.
ResponseShard regression_data(Response response, Index count, Index features) {
  const RowMatrix x = test::normal_records(count, features, 12);
  std::vector<double> y;
  for (Index n = 0; n < count; ++n) {
    Stream stream(5, Purpose::canary, n);
    const double eta = 0.5 + 0.6 * x(n, 0) - 0.4 * x(n, features - 1);
    if (response == Response::normal) y.push_back(eta + 0.8 * stream.normal());
    if (response == Response::bernoulli) y.push_back(stream.uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0);
    if (response == Response::poisson) {
      double count_of = -1;  // arrivals before time exp(eta)
      for (double time = 0; time < std::exp(eta); time += stream.exponential()) count_of += 1;
      y.push_back(count_of);
    }
  }
  DenseShard records({.records = count, .block_rows = count}, features, DenseShard::Storage::float64, false);
  records.fill(0, count, x.data());
  return ResponseShard(records, y);
}

}  // namespace

TEST_CASE("full-rank fits of regressions have the moments of a long Metropolis", "[advi]") {
  const auto response = GENERATE(Response::normal, Response::bernoulli, Response::poisson);
  const Index features = 3;
  const ResponseShard shard = regression_data(response, 400, features);
  const auto target = std::make_shared<Regression>(
      advi::RegressionSettings{.response = response, .prior_scales = Vector::Constant(features, 2.5)},
      features);
  const Family q = full_rank_q(target, shard, 600);
  const ParetoSmoothed weights = smoothed(q, target, shard);
  CHECK(weights.k_hat < 0.7);
  CHECK(weights.effective_draws > 950);  // of 1000: q is close, which the tail's shape does not say

  constexpr Index kChains = 4;
  const advi::Laplace laplace = advi::laplace(target, target->start(), shard, kSerial);
  REQUIRE(laplace.refusal == "");
  RowMatrix starts(kChains, q.size());
  for (Index c = 0; c < kChains; ++c) {
    const Vector apart = 2 * test::some_point(q.size(), c, 1).cwiseProduct(laplace.deviations());
    starts.row(c) = (laplace.mode + apart).transpose();
  }
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  const MetropolisSample sample =
      metropolis([&](const Vector& zeta) { return test::log_joint(target, block, zeta); }, starts,
                 {.warm_up = 3000, .draws = 15000, .first_step = 0.05, .seed = 2});
  for (Index i = 0; i < q.size(); ++i) {
    const Vector values = sample.draws.col(i);
    const ChainSummary chains =
        summarise_chains({values.data(), static_cast<std::size_t>(values.size())}, kChains);
    INFO("response " << static_cast<int>(response) << ", parameter " << i << ": " << chains.mean << " +- "
                     << chains.sd << ", q " << q.mean()[i] << " +- " << q.deviations()[i]);
    REQUIRE(chains.mean_error < 0.02 * chains.sd);
    REQUIRE(chains.r_hat < 1.01);
    CHECK(std::abs(q.mean()[i] - chains.mean) < 0.05 * chains.sd);
    CHECK(q.deviations()[i] == Approx(chains.sd).epsilon(0.1));
    CHECK(laplace.deviations()[i] == Approx(chains.sd).epsilon(0.1));
  }
}

namespace {

constexpr double kNoise = 0.7;  // sd of responses, known

/// y ~ N(X beta, kNoise^2), beta ~ N(0, 1): a normal posterior.
struct Conjugate {
  Index features;
  std::vector<advi::ParameterBlock> parameters() const { return {{.name = "beta", .size = features}}; }
  advi::Var log_prior(advi::Parameters theta) const {
    return -0.5 * dot(theta[0], theta[0]) -
           0.5 * static_cast<double>(features) * std::log(2 * std::numbers::pi);
  }
  advi::Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
    const advi::Var y(Eigen::ArrayXd(Eigen::Map<const Eigen::ArrayXd>(block.responses.data(), block.rows())));
    return -0.5 * square((y - product(block.features.records, theta[0])) / kNoise) - std::log(kNoise) -
           0.5 * std::log(2 * std::numbers::pi);
  }
};

/// A draw of beta from its prior, of the responses that follow, and the posterior in closed form (Bishop
/// 2006, eq. 3.53-3.54).
struct Replication {
  Vector beta, mean;
  Matrix covariance;
  double log_evidence = 0;
  ResponseShard shard;

  Replication(const RowMatrix& x, Index key) : beta(x.cols()), shard(make_serial_shard(x)) {
    Stream stream(21, Purpose::canary, key);
    for (double& number : beta) number = stream.normal();
    Vector y = x * beta;
    for (double& number : y) number += kNoise * stream.normal();
    const Matrix unit = Matrix::Identity(x.cols(), x.cols());
    covariance = (unit + x.transpose() * x / (kNoise * kNoise)).inverse();
    mean = covariance * x.transpose() * y / (kNoise * kNoise);
    const Matrix of_y = x * x.transpose() + kNoise * kNoise * Matrix::Identity(x.rows(), x.rows());
    log_evidence = -0.5 * (y.dot(of_y.inverse() * y) + std::log(of_y.determinant()) +
                           static_cast<double>(x.rows()) * std::log(2 * std::numbers::pi));
    shard = ResponseShard(make_serial_shard(x), std::vector<double>(y.begin(), y.end()));
  }
};

}  // namespace

TEST_CASE("Laplace's approximation and full-rank q are the posterior of conjugate regression", "[advi]") {
  const RowMatrix x = test::normal_records(25, 3, 13);
  const auto target = advi::make_target(Conjugate{3});
  const Replication data(x, 0);
  const advi::Laplace laplace = advi::laplace(target, target->start(), data.shard, kSerial);
  REQUIRE(laplace.refusal == "");
  CHECK((laplace.mode - data.mean).norm() < 1e-8);
  CHECK((laplace.covariance - data.covariance).norm() < 1e-8 * data.covariance.norm());
  CHECK(laplace.log_evidence == Approx(data.log_evidence).epsilon(1e-9));
  const Family q = full_rank_q(target, data.shard, 300);
  CHECK((q.mean() - data.mean).norm() < 1e-5);
  CHECK((q.covariance_matrix() - data.covariance).norm() < 1e-4 * data.covariance.norm());
}

TEST_CASE("simulation-based calibration of conjugate regression: ranks are uniform", "[advi]") {
  // Talts et al. 2018: where beta is drawn from the prior and data from beta, its rank among draws of the
  // posterior is uniform. Chi-square over the ranks, with a false alarm in 1000 for each coefficient.
  constexpr Index kReplications = 400, kDraws = 19, kFeatures = 2;
  const RowMatrix x = test::normal_records(16, kFeatures, 14);
  const auto target = advi::make_target(Conjugate{kFeatures});
  const auto statistics = [&](double widening) {
    RowMatrix counts = RowMatrix::Zero(kFeatures, kDraws + 1);
    for (Index r = 0; r < kReplications; ++r) {
      const Replication data(x, r);
      const Family q = full_rank_q(target, data.shard, 120, static_cast<std::uint64_t>(r));
      const Matrix draws = draws_of(q, kDraws, 100 + static_cast<std::uint64_t>(r));
      for (Index j = 0; j < kFeatures; ++j) {
        const auto row = q.mean()[j] + widening * (draws.row(j).array() - q.mean()[j]);
        counts(j, (row < data.beta[j]).count()) += 1;
      }
    }
    const double expected = static_cast<double>(kReplications) / (kDraws + 1);
    return Vector((counts.array() - expected).square().rowwise().sum() / expected);
  };
  const double critical = quantile(complement(boost::math::chi_squared(kDraws), 1e-3));
  const Vector calibrated = statistics(1), narrow = statistics(0.7);
  INFO("chi-square " << calibrated.transpose() << ", of draws too narrow " << narrow.transpose()
                     << ", critical " << critical);
  CHECK(calibrated.maxCoeff() < critical);
  CHECK(narrow.minCoeff() > critical);  // so that the test would notice
}
