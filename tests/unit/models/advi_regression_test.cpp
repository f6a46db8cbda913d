#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/data/response_shard.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/gradients.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::CoefficientPrior;
using advi::Points;
using advi::Regression;
using advi::RegressionSettings;
using advi::Response;
using advi::Var;

namespace {

constexpr Response kAll[] = {Response::normal,  Response::student,           Response::bernoulli,
                             Response::poisson, Response::negative_binomial, Response::categorical};
constexpr Index kClasses = 4, kGroups = 3;

/// N records with a response that the model admits, groups and weights (0 and others).
ResponseShard records(Response response, Index count, Index features, bool weighted) {
  std::vector<double> responses, weights;
  std::vector<Index> groups;
  for (Index n = 0; n < count; ++n) {
    Stream stream(5, Purpose::canary, n);
    const double z = stream.normal();
    switch (response) {
      case Response::normal:
      case Response::student:
        responses.push_back(3 + 2 * z);
        break;
      case Response::bernoulli:
        responses.push_back(z > 0.2 ? 1 : 0);
        break;
      case Response::poisson:
      case Response::negative_binomial:
        responses.push_back(std::floor(std::exp(1 + z)));
        break;
      case Response::categorical:
        responses.push_back(std::floor(stream.uniform() * kClasses));
        break;
    }
    groups.push_back((n * n) % kGroups);
    weights.push_back(static_cast<double>(n % 3));
  }
  RowMatrix rows = test::normal_records(count, std::max<Index>(features, 1), 6);
  DenseShard shard({.records = count, .block_rows = count}, rows.cols(), DenseShard::Storage::float64,
                   weighted);
  shard.fill(0, count, rows.data());
  if (weighted) shard.fill_weights(0, weights);
  return ResponseShard(shard, responses, groups);
}

RegressionSettings settings_of(Response response, Index features, CoefficientPrior prior, Index groups) {
  return {.response = response,
          .classes = kClasses,
          .groups = groups,
          .prior = prior,
          .prior_scales = Vector::LinSpaced(features, 1, 2.5),
          .centre = 0.4,
          .spread = 1.7};
}

/// log p + log |det J| at zeta, and its gradient.
double log_joint(const std::shared_ptr<const advi::Target>& target, const ResponseBlock& block,
                 const Vector& zeta, Vector* gradient = nullptr) {
  advi::DensityAt density(target, 1);
  density.set(0, zeta);
  Points values(1, 1), gradients(target->size(), 1);
  target->add_log_likelihood(density.theta(), block, values, gradient != nullptr ? &gradients : nullptr);
  if (gradient != nullptr) {
    Vector of_theta(target->size());
    gradients.get_point(0, {of_theta.data(), static_cast<std::size_t>(of_theta.size())});
    *gradient = density.gradient(0, of_theta);
  }
  return density.log_joint(0, values(0, 0));
}

Vector some_point(Index size, Index key) {
  Stream stream(11, Purpose::canary, key);
  Vector zeta(size);
  for (double& value : zeta) value = 0.5 * stream.normal();
  return zeta;
}

/// The same regressions as formulas, from the definitions in regression.hpp.
struct Plain {
  RegressionSettings settings;
  Index features;
  std::vector<advi::ParameterBlock> blocks;

  std::vector<advi::ParameterBlock> parameters() const { return blocks; }

  const Var* find(advi::Parameters theta, const char* name) const {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].name == name) return &theta[i];
    }
    return nullptr;
  }
  static Var normal(const Var& x, const Var& mean, const Var& sd) {
    const Var z = (x - mean) / sd;
    return -0.5 * square(z) - log(sd) - 0.5 * std::log(2 * std::numbers::pi);
  }
  static Var half_cauchy(const Var& x) { return std::log(2 / std::numbers::pi) - log1p(square(x)); }

  Var log_prior(advi::Parameters theta) const {
    const Index predictors = find(theta, "intercept")->size();
    Var log_p = sum(normal(*find(theta, "intercept"), settings.centre, settings.intercept_scale));
    if (const Var* const beta = find(theta, "coefficients")) {
      const Var scales(Eigen::ArrayXd(settings.prior_scales.replicate(predictors, 1).array()));
      log_p += sum(normal(*beta, 0, scales));
    }
    if (const Var* const raw = find(theta, "coefficients_raw")) {
      log_p += sum(normal(*raw, 0, 1) + half_cauchy(*find(theta, "local_scales")));
      log_p += half_cauchy(*find(theta, "global_scale"));
    }
    if (const Var* const raw = find(theta, "group_raw")) {
      log_p += sum(normal(*raw, 0, 1));
      log_p += normal(*find(theta, "group_scale"), 0, settings.intercept_scale) + std::log(2.0);
    }
    if (const Var* const scale = find(theta, "scale"))
      log_p += -*scale / settings.spread - std::log(settings.spread);
    if (const Var* const size = find(theta, "size")) log_p += normal(log(*size), 0, 2) - log(*size);
    return log_p;
  }

  Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
    const Var y(Eigen::ArrayXd(Eigen::Map<const Eigen::ArrayXd>(block.responses.data(), block.rows())));
    const Index predictors = find(theta, "intercept")->size();
    std::vector<Var> eta;
    for (Index c = 0; c < predictors; ++c) {
      Var predictor = element(*find(theta, "intercept"), c);
      if (const Var* const beta = find(theta, "coefficients"))
        predictor += product(block.features.records, segment(*beta, c * features, features));
      if (const Var* const raw = find(theta, "coefficients_raw")) {
        const Var beta = segment(*raw * *find(theta, "local_scales"), c * features, features) *
                         *find(theta, "global_scale") * Var(Eigen::ArrayXd(settings.prior_scales.array()));
        predictor += product(block.features.records, beta);
      }
      if (const Var* const raw = find(theta, "group_raw"))
        predictor += *find(theta, "group_scale") *
                     gather(segment(*raw, c * settings.groups, settings.groups), block.groups);
      eta.push_back(predictor);
    }
    switch (settings.response) {
      case Response::normal:
        return normal(y, eta[0], *find(theta, "scale"));
      case Response::student: {
        const double nu = settings.degrees_of_freedom;
        const Var z = (y - eta[0]) / *find(theta, "scale");
        return -(nu + 1) / 2 * log1p(square(z) / nu) - log(*find(theta, "scale")) +
               std::lgamma((nu + 1) / 2) - std::lgamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi);
      }
      case Response::bernoulli:
        return y * eta[0] - log1p_exp(eta[0]);
      case Response::poisson:
        return y * eta[0] - exp(eta[0]) - log_gamma(y + 1);
      case Response::negative_binomial: {
        const Var& size = *find(theta, "size");
        return log_gamma(y + size) - log_gamma(size) - log_gamma(y + 1) + size * log(size) + y * eta[0] -
               (y + size) * log(exp(eta[0]) + size);
      }
      case Response::categorical: {
        eta.insert(eta.begin(), Var(Eigen::ArrayXd(Eigen::ArrayXd::Zero(block.rows()))));
        Var chosen = 0;
        for (std::size_t c = 0; c < eta.size(); ++c)
          chosen += Var(Eigen::ArrayXd((y.values() == static_cast<double>(c)).cast<double>())) * eta[c];
        return chosen - log_sum_exp(eta);
      }
    }
    return 0;
  }
};

}  // namespace

TEST_CASE("regressions are their definitions, and gradients those of formulas and of differences", "[advi]") {
  const auto prior = GENERATE(CoefficientPrior::normal, CoefficientPrior::horseshoe);
  const Index groups = GENERATE(0, kGroups), features = GENERATE(1, 5);
  const bool weighted = GENERATE(false, true);
  for (const Response response : kAll) {
    INFO("response " << static_cast<int>(response) << ", groups " << groups << ", features " << features
                     << ", weighted " << weighted << ", prior " << static_cast<int>(prior));
    const ResponseShard shard = records(response, 150, features, weighted);
    ResponseShard::Buffer buffer;
    const ResponseBlock block = shard.block(0, buffer);
    const RegressionSettings settings = settings_of(response, features, prior, groups);
    const auto target = std::make_shared<Regression>(settings, features);
    const auto plain = advi::make_target(Plain{settings, features, target->parameters()});
    const Vector zeta = some_point(advi::unconstrained_size(*target), features);
    Vector gradient, of_formulas;
    const double value = log_joint(target, block, zeta, &gradient);
    CHECK(log_joint(target, block, zeta) == value);
    CHECK(log_joint(plain, block, zeta, &of_formulas) == Approx(value).epsilon(1e-12));
    CHECK(test::gradient_error(gradient, of_formulas) < 1e-11);
    const auto function = [&](const Vector& at) { return log_joint(target, block, at); };
    CHECK(test::gradient_error(gradient, test::differences(function, zeta)) < 1e-7);
  }
}

TEST_CASE("many points at once are each alone", "[advi]") {
  for (const Response response : kAll) {
    const ResponseShard shard = records(response, 70, 3, true);
    ResponseShard::Buffer buffer;
    const ResponseBlock block = shard.block(0, buffer);
    const auto target =
        std::make_shared<Regression>(settings_of(response, 3, CoefficientPrior::horseshoe, kGroups), 3);
    for (const Index count : {2, 8, 11}) {
      advi::DensityAt density(target, count);
      for (Index s = 0; s < count; ++s) density.set(s, some_point(density.size(), s));
      Points values(1, count), gradients(target->size(), count);
      target->add_log_likelihood(density.theta(), block, values, &gradients);
      for (Index s = 0; s < count; ++s) {
        advi::DensityAt one(target, 1);
        one.set(0, some_point(density.size(), s));
        Points value(1, 1), gradient(target->size(), 1);
        target->add_log_likelihood(one.theta(), block, value, &gradient);
        CHECK(value(0, 0) == values(0, s));
        for (Index i = 0; i < target->size(); ++i) CHECK(gradient(i, 0) == gradients(i, s));
      }
    }
  }
}

TEST_CASE("a record of weight 2 is two, one of weight 0 none", "[advi]") {
  // weights go 0, 1, 2: what a plain shard with the records of weight 2 twice says
  const ResponseShard weighted = records(Response::poisson, 30, 2, true);
  RowMatrix rows(30, 2);
  std::vector<double> responses;
  Index count = 0;
  for (Index n = 0; n < 30; ++n) {
    for (double copy = 0; copy < weighted.features().own_weight(n); ++copy) {
      rows.row(count++) = weighted.features().original_record(n);
      responses.push_back(weighted.responses()[static_cast<std::size_t>(n)]);
    }
  }
  const ResponseShard repeated(make_serial_shard(rows.topRows(count)), responses);
  const auto target =
      std::make_shared<Regression>(settings_of(Response::poisson, 2, CoefficientPrior::normal, 0), 2);
  const Vector zeta = some_point(3, 1);
  double sum = 0;
  ResponseShard::Buffer buffer;
  advi::DensityAt density(target, 1);
  density.set(0, zeta);
  Points values(1, 1);
  for (Index i = 0; i < repeated.block_count(); ++i)
    target->add_log_likelihood(density.theta(), repeated.block(i, buffer), values, nullptr);
  sum = density.log_joint(0, values(0, 0));
  CHECK(log_joint(target, weighted.block(0, buffer), zeta) == Approx(sum).epsilon(1e-13));
}

TEST_CASE("a regression needs responses, and groups where it has them", "[advi]") {
  const auto target =
      std::make_shared<Regression>(settings_of(Response::normal, 1, CoefficientPrior::normal, kGroups), 1);
  const ResponseShard bare(make_serial_shard(RowMatrix::Ones(4, 1)));
  const ResponseShard without_groups(make_serial_shard(RowMatrix::Ones(4, 1)), std::vector<double>(4, 1.0));
  ResponseShard::Buffer buffer;
  const Vector zeta = Vector::Zero(advi::unconstrained_size(*target));
  CHECK_THROWS_WITH(log_joint(target, bare.block(0, buffer), zeta), Catch::Contains("no responses"));
  CHECK_THROWS_WITH(log_joint(target, without_groups.block(0, buffer), zeta), Catch::Contains("no groups"));
}

TEST_CASE("settings of a regression that cannot be are refused", "[advi]") {
  RegressionSettings settings{.prior_scales = Vector::Ones(2)};
  CHECK_NOTHROW(Regression(settings, 2));
  CHECK_THROWS_AS(Regression(settings, 3), UsageError);
  settings.spread = 0;
  CHECK_THROWS_WITH(Regression(settings, 2), Catch::Contains("must not all be the same"));
}
