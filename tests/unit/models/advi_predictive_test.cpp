#include "jensen/models/advi/predictive.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/targets/factor_analysis.hpp"
#include "jensen/models/advi/targets/mixture.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/draws.hpp"
#include "support/log_joint.hpp"
#include "support/samples.hpp"
#include "support/targets.hpp"

using namespace jensen;
using advi::Points;
using advi::Regression;
using advi::RegressionSettings;
using advi::Response;
using advi::Var;

namespace {

const Communicator kSerial;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Index kFeatures = 3;

/// In blocks of 16, weights 0, 1 and 2, three groups; responses 0, 1 and 2.
ResponseShard records(Index count = 40) {
  const RowMatrix rows = test::normal_records(count, kFeatures, 3);
  DenseShard shard({.records = count, .block_rows = 16}, kFeatures, DenseShard::Storage::float64, true);
  std::vector<double> responses, weights;
  std::vector<Index> groups;
  for (Index n = 0; n < count; ++n) {
    responses.push_back(static_cast<double>((n / 2) % 3));
    weights.push_back(static_cast<double>((n + 1) % 3));
    groups.push_back(n % 3);
  }
  shard.fill(0, count, rows.data());
  shard.fill_weights(0, weights);
  return ResponseShard(shard, responses, groups);
}

std::shared_ptr<const advi::Target> regression(Response response, Index groups = 0) {
  return std::make_shared<Regression>(
      RegressionSettings{
          .response = response, .classes = 3, .groups = groups, .prior_scales = Vector::Ones(kFeatures)},
      kFeatures);
}

/// Times between events, given their rate: a target by formulas.
struct Exponential {
  std::vector<advi::ParameterBlock> parameters() const {
    return {{.name = "rate", .constraint = advi::Constraint::positive}};
  }
  Var log_prior(advi::Parameters theta) const { return -theta[0]; }
  Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
    const Var time(Eigen::ArrayXd(block.features.records.col(0).array().abs()));
    return log(theta[0]) - theta[0] * time;
  }
};

std::vector<std::shared_ptr<const advi::Target>> targets() {
  const Vector centre = Vector::Zero(kFeatures), spread = Vector::Ones(kFeatures);
  return {regression(Response::normal),
          regression(Response::student, 3),
          regression(Response::poisson),
          regression(Response::negative_binomial, 3),
          regression(Response::categorical, 3),
          std::make_shared<advi::Mixture>(
              advi::MixtureSettings{.components = 2, .centre = centre, .spread = spread}),
          std::make_shared<advi::FactorAnalysis>(
              advi::FactorSettings{.factors = 2, .centre = centre, .spread = spread}),
          advi::make_target(Exponential()),
          advi::make_target(test::NormalTarget{Vector::Zero(2), Matrix::Identity(2, 2)})};
}

/// log p(record n | theta_s) by the sums that a fit looks at, of that record alone.
double alone(const advi::Target& target, const ResponseShard& shard, const ResponseBlock& block, Index n,
             const Points& theta, Index s) {
  const RowMatrix row = block.features.records.row(n);
  const ResponseShard one(make_serial_shard(row), {shard.responses()[static_cast<std::size_t>(n)]},
                          {shard.groups()[static_cast<std::size_t>(n)]});
  ResponseShard::Buffer buffer;
  Points values(1, theta.count());
  target.add_log_likelihood(theta, one.block(0, buffer), values, nullptr);
  return values(0, s);
}

/// q = N(mean, covariance) over the unconstrained parameters.
advi::Advi model_of(std::shared_ptr<const advi::Target> target, const Vector& mean,
                    const Matrix& covariance) {
  advi::Advi model(std::move(target), {.total_weight = 1});
  advi::Family q = model.family();
  q.set_normal(mean, covariance, covariance.inverse());
  model.set_family(q);
  return model;
}

advi::Advi some_model(const std::shared_ptr<const advi::Target>& target) {
  const Index size = advi::unconstrained_size(*target);
  return model_of(target, test::some_point(size, 1), 0.04 * Matrix::Identity(size, size));
}

}  // namespace

TEST_CASE("log-likelihoods of records are those of blocks of one", "[advi]") {
  const ResponseShard shard = records();
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  for (const auto& target : targets()) {
    advi::DensityAt at(target, 11);
    for (Index s = 0; s < at.count(); ++s) at.set(s, test::some_point(at.size(), s));
    Points values(block.rows(), at.count());
    target->record_log_likelihoods(at.theta(), block, values);
    for (Index n = 0; n < block.rows(); ++n) {
      for (const Index s : {0, 7, 10})
        CHECK(values(n, s) == Approx(alone(*target, shard, block, n, at.theta(), s)).epsilon(1e-12));
    }
  }
}

TEST_CASE("a predictive density is the mean of densities over draws of q", "[advi]") {
  const ResponseShard shard = records();
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  const Index draws = 150;
  for (const auto& target : targets()) {
    const advi::Advi model = some_model(target);
    Eigen::ArrayXd found, densities = Eigen::ArrayXd::Zero(block.rows());
    advi::PosteriorPredictive(model, draws, 9).log_density(block, found);
    for (Index s = 0; s < draws; ++s) {
      const Vector point = constrained(*target, advi::draw_of(model.posterior(), 9, s));
      Points theta(target->size(), 1), values(block.rows(), 1);
      theta.set_point(0, {point.data(), static_cast<std::size_t>(point.size())});
      theta.pad();
      target->record_log_likelihoods(theta, block, values);
      for (Index n = 0; n < block.rows(); ++n) densities[n] += std::exp(values(n, 0)) / draws;
    }
    for (Index n = 0; n < block.rows(); ++n)
      CHECK(found[n] == Approx(std::log(densities[n])).epsilon(1e-12).margin(1e-12));
  }
}

TEST_CASE("a score is the weighted sum of log predictive densities", "[advi]") {
  const ResponseShard shard = records();
  for (const auto& target : targets()) {
    const advi::PosteriorPredictive predictive(some_model(target), 20, 1);
    const advi::PredictiveScore found = advi::score(predictive, shard, kSerial);
    double sum = 0, weight = 0;
    ResponseShard::Buffer buffer;
    for (Index i = 0; i < shard.block_count(); ++i) {
      const ResponseBlock block = shard.block(i, buffer);
      Eigen::ArrayXd values;
      predictive.log_density(block, values);
      for (Index n = 0; n < block.rows(); ++n) {
        sum += block.weight(n) * values[n];
        weight += block.weight(n);
      }
    }
    CHECK(found.weight == weight);
    CHECK(found.log_predictive == Approx(sum).epsilon(1e-13));
  }
}

TEST_CASE("the predictive of a normal regression is normal, with the variance of its coefficients",
          "[advi]") {
  Matrix root(5, 5);
  root.setZero();
  root.diagonal() << 0.5, 0.4, 0.7, 0.3, 1e-6;
  root(1, 0) = 0.3, root(3, 2) = -0.4;
  Vector mean(5);
  const double scale = 0.6;
  mean << 1, -0.5, 2, 0.3, std::log(scale);
  const advi::Advi model = model_of(regression(Response::normal), mean, root * root.transpose());
  RowMatrix record(1, kFeatures);
  record << 0.5, -1, 2;
  const ResponseShard shard(make_serial_shard(record), {0.5});
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  const Vector design = (Vector(5) << 1, 0.5, -1, 2, 0).finished();
  const double centre = design.dot(mean);
  const double variance = (root.transpose() * design).squaredNorm() + scale * scale;

  const Index draws = 20'000;
  const advi::PosteriorPredictive predictive(model, draws, 2);
  test::check_moments(predictive.draw_responses(block).row(0).transpose().array(), centre, variance);
  Eigen::ArrayXd found;
  predictive.log_density(block, found);
  const double expected =
      -0.5 * ((0.5 - centre) * (0.5 - centre) / variance + std::log(2 * std::numbers::pi * variance));
  CHECK(found[0] == Approx(expected).margin(0.02));
}

TEST_CASE("draws at which a target is NaN are left out of the mean; a record without density is named",
          "[advi]") {
  struct Edge {
    std::vector<advi::ParameterBlock> parameters() const { return {{.name = "x"}}; }
    Var log_prior(advi::Parameters) const { return 0; }
    Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
      return Var(Eigen::ArrayXd(block.features.records.col(0).array())) + 0 * log(theta[0]);
    }
  };
  RowMatrix rows(2, 1);
  rows << 1.5, -2;
  const ResponseShard shard(make_serial_shard(rows));
  ResponseShard::Buffer buffer;
  Eigen::ArrayXd found;
  const Matrix unit = Matrix::Identity(1, 1);
  advi::PosteriorPredictive(model_of(advi::make_target(Edge()), Vector::Zero(1), unit), 100, 1)
      .log_density(shard.block(0, buffer), found);
  CHECK(found[0] == Approx(1.5).epsilon(1e-14));
  CHECK(found[1] == Approx(-2).epsilon(1e-14));
  const advi::PosteriorPredictive none(model_of(advi::make_target(Edge()), Vector::Constant(1, -50), unit),
                                       100, 1);
  none.log_density(shard.block(0, buffer), found);
  CHECK(std::isnan(found[0]));
  CHECK_THROWS_WITH(advi::score(none, shard, kSerial), Catch::Contains("record 0 is nan, by 100 draws of q"));
}

TEST_CASE("responses that a regression does not admit are refused, or have density 0 without weight",
          "[advi]") {
  const double strange = GENERATE(-1.0, 0.5, 3.0, kNaN);
  const Response response =
      GENERATE(Response::bernoulli, Response::poisson, Response::negative_binomial, Response::categorical);
  const bool count = response == Response::poisson || response == Response::negative_binomial;
  if (count && strange == 3) return;
  const double weights[] = {1, 0, 1};
  const auto target = regression(response);
  Points theta(target->size(), 1), values(3, 1);
  const auto look = [&](std::vector<double> responses) {
    const ResponseShard shard(make_serial_shard(RowMatrix::Ones(3, kFeatures), weights),
                              std::move(responses));
    ResponseShard::Buffer buffer;
    target->record_log_likelihoods(theta, shard.block(0, buffer), values);
  };
  for (Index i = 0; i < theta.size(); ++i) theta(i, 0) = 1;
  theta.pad();
  look({1, strange, 0});
  CHECK(values(1, 0) == -std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(values(0, 0)));
  CHECK(std::isfinite(values(2, 0)));
  CHECK_THROWS_WITH(look({1, 0, strange}),
                    Catch::Contains("the response of record 2 is") && Catch::Contains("(must be 0"));
  CHECK_THROWS_WITH(look({}), Catch::Contains("no responses"));
}

TEST_CASE("predictions of classes are their mean probabilities", "[advi]") {
  const Response response = GENERATE(Response::bernoulli, Response::categorical);
  const auto target = regression(response);
  const Index classes = response == Response::bernoulli ? 2 : 3, draws = 21;
  CHECK(static_cast<Index>(target->class_names().size()) == classes);
  const ResponseShard shard = records();
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  advi::DensityAt at(target, draws);
  for (Index s = 0; s < draws; ++s) at.set(s, test::some_point(at.size(), s));
  Prediction found;
  target->predict(at.theta(), block, found);
  for (Index c = 0; c < classes; ++c) {  // by the likelihood of class c
    const std::vector<double> all_c(static_cast<std::size_t>(block.rows()), static_cast<double>(c));
    ResponseBlock of_class = block;
    of_class.responses = all_c;
    Points values(block.rows(), draws);
    target->record_log_likelihoods(at.theta(), of_class, values);
    for (Index n = 0; n < block.rows(); ++n) {
      const auto row = Eigen::Map<const Eigen::ArrayXd>(values.row(n), draws);
      const Eigen::ArrayXd shares = row.exp();
      CHECK(found.responsibilities(n, c) == Approx(shares.mean()).epsilon(1e-12));
      Index best = 0;
      found.responsibilities.row(n).maxCoeff(&best);
      CHECK(found.labels[static_cast<std::size_t>(n)] == best);
      if (c != (classes == 2 ? 1 : best)) continue;
      CHECK(found.values(n, 0) == Approx(shares.mean()).epsilon(1e-12));
      CHECK(found.values(n, 1) == Approx(std::sqrt((shares - shares.mean()).square().mean())).epsilon(1e-10));
    }
  }
}

TEST_CASE("probabilities of classes far apart are 0 and 1", "[advi]") {
  const auto target = regression(Response::categorical);
  Points theta(target->size(), 1);
  theta(0, 0) = 2000;  // the second class's intercept
  theta(1, 0) = -2000;
  theta.pad();
  const ResponseShard shard(make_serial_shard(RowMatrix::Ones(1, kFeatures)));
  ResponseShard::Buffer buffer;
  Prediction found;
  target->predict(theta, shard.block(0, buffer), found);
  CHECK(found.responsibilities.row(0) == Eigen::RowVector3d(0, 1, 0));
  CHECK(found.labels[0] == 1);
}

TEST_CASE("responsibilities of a mixture are averaged over draws", "[advi]") {
  const Index components = 3, draws = 11;
  const auto target = std::make_shared<advi::Mixture>(advi::MixtureSettings{
      .components = components, .centre = Vector::Zero(kFeatures), .spread = Vector::Ones(kFeatures)});
  const ResponseShard shard = records();
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  advi::DensityAt at(target, draws);
  for (Index s = 0; s < draws; ++s) at.set(s, test::some_point(at.size(), s));
  Prediction found;
  target->predict(at.theta(), block, found);
  RowMatrix expected = RowMatrix::Zero(block.rows(), components);
  for (Index s = 0; s < draws; ++s) {
    for (Index n = 0; n < block.rows(); ++n) {
      Vector joint(components);
      for (Index k = 0; k < components; ++k) {
        joint[k] = at.theta()(k, s);
        for (Index d = 0; d < kFeatures; ++d) {
          const double mean = at.theta()(components + k * kFeatures + d, s);
          const double scale = at.theta()(components + (components + k) * kFeatures + d, s);
          const double z = (block.features.records(n, d) - mean) / scale;
          joint[k] *= std::exp(-0.5 * z * z) / scale;
        }
      }
      expected.row(n) += joint.transpose() / joint.sum() / draws;
    }
  }
  CHECK((found.responsibilities - expected).cwiseAbs().maxCoeff() < 1e-12);
  for (Index n = 0; n < block.rows(); ++n) {
    Index label = 0;
    CHECK(found.values(n, 0) == Approx(1 - expected.row(n).maxCoeff(&label)).margin(1e-12));
    CHECK(found.labels[static_cast<std::size_t>(n)] == label);
  }
  CHECK(target->prediction_columns() == std::vector<std::string>{"uncertainty"});
  CHECK(target->class_names() == std::vector<std::string>{"0", "1", "2"});
}
