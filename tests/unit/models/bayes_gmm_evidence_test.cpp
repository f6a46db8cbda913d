#include <catch2/catch.hpp>

#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "jensen/init/assignments.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

using Long = long double;
using LongMatrix = Eigen::Matrix<Long, Eigen::Dynamic, Eigen::Dynamic>;
using mixture::Quadratic;

const Communicator kSerial;
constexpr double kMeanPrecision = 0.75, kDegrees = 4.5;

Long log_multivariate_gamma(Long x, Index d) {
  Long sum = static_cast<Long>(d * (d - 1)) / 4 * std::log(std::numbers::pi_v<Long>);
  for (Index i = 0; i < d; ++i) sum += std::lgamma(x - static_cast<Long>(i) / 2);
  return sum;
}

/// log p(X) of one Gaussian with conjugate prior about the origin (Murphy 2007, eqs. 95, 266; by hand where
/// one precision is that of all features).
Long log_evidence(Quadratic form, const RowMatrix& x, const Matrix& prior) {
  const Index d = x.cols();
  const Long n = static_cast<Long>(x.rows()), dim = static_cast<Long>(d);
  const Long beta0 = kMeanPrecision, beta = beta0 + n, nu0 = kDegrees, nu = nu0 + n;
  const Long log_pi = std::log(std::numbers::pi_v<Long>);
  const LongMatrix z = x.cast<Long>(), prior_scatter = prior.cast<Long>();
  const LongMatrix mean = z.colwise().mean();
  const LongMatrix centred = z.rowwise() - mean.row(0);
  const LongMatrix scatter =
      prior_scatter + centred.transpose() * centred + beta0 * n / beta * mean.transpose() * mean;
  const Long from_mean = dim / 2 * std::log(beta0 / beta);
  if (form == Quadratic::packed) {
    return -n * dim / 2 * log_pi + log_multivariate_gamma(nu / 2, d) - log_multivariate_gamma(nu0 / 2, d) +
           nu0 / 2 * std::log(prior_scatter.determinant()) - nu / 2 * std::log(scatter.determinant()) +
           from_mean;
  }
  if (form == Quadratic::norm) {
    const Long a0 = dim * nu0 / 2, a = dim * nu / 2;
    return -n * dim / 2 * log_pi + std::lgamma(a) - std::lgamma(a0) + a0 * std::log(prior_scatter.trace()) -
           a * std::log(scatter.trace()) + from_mean;
  }
  Long sum = from_mean - n * dim / 2 * log_pi + dim * (std::lgamma(nu / 2) - std::lgamma(nu0 / 2));
  for (Index i = 0; i < d; ++i)
    sum += nu0 / 2 * std::log(prior_scatter(i, i)) - nu / 2 * std::log(scatter(i, i));
  return sum;
}

bayes_gmm::BayesianMixture one_component(const char* family, const test::Problem& problem,
                                         const DenseShard& shard, const Matrix& prior) {
  bayes_gmm::BayesianMixture model({.family = &mixture::find_family(family, prior.rows()),
                                    .components = 1,
                                    .mean_precision = kMeanPrecision,
                                    .degrees_of_freedom = kDegrees},
                                   problem.summary, shard.transform());
  model.set_prior_covariance(prior);
  start_from_responsibilities(model, shard, kSerial,
                              [](const DenseBlock&, Index, Matrix& r) { r.setOnes(); });
  return model;
}

Matrix some_covariance(Index d) {
  Matrix a(d, d);
  for (Index i = 0; i < d; ++i)
    for (Index j = 0; j < d; ++j)
      a(i, j) = std::sin(static_cast<double>(3 * i + 5 * j + 1)) + (i == j ? 2 : 0);
  return a * a.transpose();
}

/// All records of a shard, in internal coordinates.
RowMatrix records_of(const DenseShard& shard) {
  RowMatrix records(shard.global_records(), shard.features());
  DenseShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const DenseBlock block = shard.block(i, buffer);
    records.middleRows(block.first_record, block.rows()) = block.records;
  }
  return records;
}

}  // namespace

TEST_CASE(
    "The ELBO of one component is the log evidence, and its predictive density that of one record more") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  const Index d = GENERATE(1, 2, 4);
  INFO(family << ", D = " << d);
  const test::Problem problem(test::normal_records(40, d, 3), kSerial);
  const auto& found = mixture::find_family(family, d);
  const DenseShard shard = problem.in(found.scaling);
  const Matrix prior = some_covariance(d);
  bayes_gmm::BayesianMixture model = one_component(family, problem, shard, prior);
  const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = 2}});
  const RowMatrix records = records_of(shard);
  const Long expected = log_evidence(found.form(), records, prior);
  for (const double elbo : result.progress.objectives) {
    CHECK(elbo == Approx(static_cast<double>(expected)).epsilon(1e-13).margin(1e-12));
  }
  model.prepare(0);
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.block(1, buffer);
  const Eigen::ArrayXd predictive = model.log_predictive(block, model.log_joint(block));
  RowMatrix more(records.rows() + 1, d);
  more.topRows(records.rows()) = records;
  for (Index n = 0; n < block.rows(); ++n) {
    more.row(records.rows()) = block.records.row(n);
    const Long joint = log_evidence(found.form(), more, prior);
    CHECK(predictive[n] == Approx(static_cast<double>(joint - expected)).epsilon(1e-11));
  }
}

TEST_CASE("The evidence of a million records loses no digits to the growth of its terms") {
  const test::Problem problem(test::normal_records(20, 3, 5), kSerial, std::vector<double>(20, 5e4));
  const DenseShard shard = problem.in(Scaling::per_feature);
  const Matrix prior = some_covariance(3);
  bayes_gmm::BayesianMixture model = one_component("VVV", problem, shard, prior);
  const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = 0}});
  RowMatrix repeated(1000000, 3);
  const RowMatrix records = records_of(shard);
  for (Index n = 0; n < repeated.rows(); ++n) repeated.row(n) = records.row(n % 20);
  const auto expected = static_cast<double>(log_evidence(Quadratic::packed, repeated, prior));
  CHECK(result.progress.objectives[0] == Approx(expected).epsilon(1e-13));
}
