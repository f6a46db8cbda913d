#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/advi/advi.hpp"
#include "support/targets.hpp"

using namespace jensen;
using advi::Advi;
using advi::Covariance;
using advi::Estimator;
using advi::StepRule;

namespace {

const Communicator kSerial;

/// log of the evidence of a NormalTarget.
double log_evidence(const Matrix& precision) {
  const auto size = static_cast<double>(precision.rows());
  return 0.5 * (size * std::log(2 * std::numbers::pi) - std::log(precision.determinant()));
}

struct Fitted {
  advi::Family q;
  FitResult result;
  Advi model;
};

template <class T>
Fitted fitted(const T& target, const advi::Settings& settings, Index iterations) {
  Advi model(advi::make_target(target), settings);
  const FitResult result = fit(model, test::no_data(), kSerial, {.stopping = {.max_iterations = iterations}});
  return {model.posterior(), result, model};
}

/// Says nothing, and begins where it is told.
struct StartingTarget final : advi::Target {
  std::vector<advi::ParameterBlock> blocks;
  Vector zeta;

  StartingTarget(advi::ParameterBlock block, Vector start)
      : blocks{std::move(block)}, zeta(std::move(start)) {}
  const std::vector<advi::ParameterBlock>& parameters() const override { return blocks; }
  double log_prior(std::span<const double>, std::span<double>) const override { return 0; }
  void add_log_likelihood(const advi::Points&, const ResponseBlock&, advi::Points&,
                          advi::Points*) const override {}
  Vector start() const override { return zeta; }
};

/// Of a mean-field or other normal q from N(mean, precision^-1), nats.
double divergence(const advi::Family& q, const test::NormalTarget& p) {
  const Vector difference = q.mean() - p.mean;
  const Matrix product = p.precision * q.covariance_matrix();
  return 0.5 * (product.trace() + difference.dot(p.precision * difference) - static_cast<double>(q.size()) -
                std::log(product.determinant()));
}

const test::NormalTarget kCorrelated{(Vector(2) << 3, -2).finished(),
                                     (Matrix(2, 2) << 2, 1, 1, 2).finished()};

}  // namespace

TEST_CASE("a normal target's best mean-field q has its mean and 1 / precision", "[advi][long]") {
  const auto rule = GENERATE(StepRule::natural, StepRule::adaptive, StepRule::adam);
  INFO("rule " << static_cast<int>(rule));
  const Fitted fit =
      fitted(kCorrelated, {.covariance = Covariance::mean_field, .draws = 16, .step_rule = rule}, 2000);
  const double tolerance = rule == StepRule::natural ? 0.01 : 0.03;
  CHECK((fit.q.mean() - kCorrelated.mean).norm() < tolerance);
  CHECK((fit.q.deviations().array().square() - 0.5).abs().maxCoeff() < tolerance);
  CHECK(divergence(fit.q, kCorrelated) == Approx(0.5 * std::log(4.0 / 3)).margin(1e-3));
}

TEST_CASE("a full-rank q of a normal target is exact, and its ELBO the evidence without noise", "[advi]") {
  const auto rule = GENERATE(StepRule::natural, StepRule::adaptive, StepRule::adam);
  INFO("rule " << static_cast<int>(rule));
  const Fitted fit =
      fitted(kCorrelated, {.covariance = Covariance::full_rank, .draws = 8, .step_rule = rule}, 2000);
  const double tolerance = rule == StepRule::natural ? 1e-10 : 1e-4;
  CHECK(divergence(fit.q, kCorrelated) < tolerance);
  if (rule == StepRule::natural) {
    CHECK(fit.result.progress.objective() == Approx(log_evidence(kCorrelated.precision)).epsilon(1e-12));
    CHECK((fit.q.covariance_matrix() - kCorrelated.precision.inverse()).norm() < 1e-6);
  }
}

TEST_CASE("a low-rank q finds a correlation in one direction", "[advi][long]") {
  Matrix covariance = Vector::LinSpaced(6, 0.5, 1).asDiagonal();
  const Vector direction = Vector::LinSpaced(6, -1, 2);
  covariance += direction * direction.transpose();
  const test::NormalTarget target{Vector::Ones(6), covariance.inverse()};
  const Fitted fit = fitted(target,
                            {.covariance = Covariance::low_rank,
                             .rank = 1,
                             .draws = 16,
                             .step_rule = StepRule::adam,
                             .step_size = 0.05},
                            6000);
  CHECK(divergence(fit.q, target) < 0.01);
}

TEST_CASE("badly scaled and far targets are reached by natural steps", "[advi][long]") {
  Vector scales(4);
  scales << 1e-4, 1, 1e3, 30;
  Matrix precision = Matrix::Constant(4, 4, 0.5);
  precision.diagonal().setOnes();
  precision = scales.cwiseInverse().asDiagonal() * precision * scales.cwiseInverse().asDiagonal();
  const test::NormalTarget target{20 * scales, precision};
  const Fitted full = fitted(target, {.covariance = Covariance::full_rank, .draws = 8}, 1000);
  CHECK(divergence(full.q, target) < 1e-8);
  const Fitted mean = fitted(target, {.covariance = Covariance::mean_field, .draws = 8}, 1000);
  CHECK((mean.q.mean() - target.mean).cwiseQuotient(scales).norm() < 0.05);
}

TEST_CASE("the plain estimator comes to the same optimum with more noise", "[advi][long]") {
  const advi::Settings settings{
      .covariance = Covariance::full_rank, .draws = 16, .estimator = Estimator::reparameterised};
  const Fitted fit = fitted(kCorrelated, settings, 3000);
  CHECK(divergence(fit.q, kCorrelated) < 0.01);
}

TEST_CASE("draws that are antithetic come in pairs around q's mean", "[advi]") {
  const Fitted fit = fitted(kCorrelated, {.draws = 4}, 0);
  Advi model = fit.model;
  model.prepare(3);
  CHECK_THROWS_AS(Advi(advi::make_target(kCorrelated), {.draws = 3}), UsageError);
  CHECK_NOTHROW(Advi(advi::make_target(kCorrelated), {.draws = 3, .antithetic = false}));
}

TEST_CASE("step sizes are tried out and the best is taken", "[advi][long]") {
  const test::NormalTarget narrow{Vector::Constant(2, 1), 1e4 * Matrix::Identity(2, 2)};
  const Fitted fit =
      fitted(narrow, {.covariance = Covariance::mean_field, .step_rule = StepRule::adaptive}, 4000);
  CHECK(fit.model.trial_iterations() == 250);
  CHECK(fit.model.step_size() > 0);
  CHECK((fit.q.mean() - narrow.mean).norm() < 0.02);
  CHECK((fit.q.deviations().array() - 0.01).abs().maxCoeff() < 2e-3);
}

TEST_CASE("draws at which the target is not a number are left out and counted", "[advi]") {
  const Fitted fit = fitted(test::EdgeTarget{2}, {.draws = 16}, 200);
  CHECK(fit.model.failed_draws() > 10);
  CHECK(std::isfinite(fit.result.progress.objective()));
  CHECK(fit.q.mean()[0] == Approx(0).margin(0.2));
  try {
    fitted(test::EdgeTarget{-1}, {.draws = 16}, 200);
    FAIL("no error");
  } catch (const NumericalError& error) {
    CHECK_THAT(error.what(), Catch::Contains("NaN or infinite at") && Catch::Contains("of 16 draws"));
  }
}

TEST_CASE("settings of ADVI that cannot be are refused", "[advi]") {
  const auto target = advi::make_target(kCorrelated);
  CHECK_THROWS_AS(Advi(target, {.draws = 0}), UsageError);
  CHECK_THROWS_AS(Advi(target, {.step_size = -1}), UsageError);
  CHECK_THROWS_AS(Advi(target, {.window = 1}), UsageError);
  CHECK_THROWS_AS(Advi(target, {.covariance = Covariance::low_rank, .rank = 3}), UsageError);
  CHECK_THROWS_AS(Advi(target, {.covariance = Covariance::low_rank, .rank = 1}), UsageError);  // natural
}

TEST_CASE("targets that begin beyond their constraints, or have none that can be, are refused", "[advi]") {
  const auto make = [](advi::Constraint constraint, const Vector& start, double upper = 1) {
    const advi::ParameterBlock block{.name = "x", .constraint = constraint, .size = 2, .upper = upper};
    return Advi(std::make_shared<StartingTarget>(block, start), {});
  };
  using advi::Constraint;
  const Vector fine = Vector::Zero(2), far = Vector::Constant(2, -800),
               nothing = Vector::Constant(2, std::nan(""));
  CHECK_NOTHROW(make(Constraint::positive, fine));
  CHECK_NOTHROW(make(Constraint::real, far));
  CHECK_THROWS_WITH(make(Constraint::positive, far), Catch::Contains("'x'") && Catch::Contains("above 0"));
  CHECK_THROWS_WITH(make(Constraint::positive, -far), Catch::Contains("'x'") && Catch::Contains("finite"));
  CHECK_THROWS_WITH(make(Constraint::real, nothing),
                    "the target begins 'x[0]' at nan, unconstrained (must be finite)");
  CHECK_THROWS_WITH(make(Constraint::real, Vector::Zero(3)),
                    Catch::Contains("begins at 3 numbers (must be 2"));
  CHECK_THROWS_WITH(make(Constraint::interval, fine, -1), Catch::Contains("lies between 0 and -1"));
}

TEST_CASE("batches look at each block once in an epoch", "[advi]") {
  const advi::BlockBatches batches{.count = 4, .block_rows = 10, .seed = 3};
  bool differ = false;
  for (Index block = 0; block < 11; ++block) {
    std::vector<Index> seen;
    for (Index t = 0; t < 40; ++t) {
      if (batches.contains(t, 10 * block)) seen.push_back(t);
    }
    REQUIRE(seen.size() == 10);
    for (std::size_t epoch = 0; epoch < 10; ++epoch) CHECK(seen[epoch] / 4 == static_cast<Index>(epoch));
    differ |= seen[1] - seen[0] != 4;
  }
  CHECK(differ);
  for (Index t = 0; t < 8; ++t) {  // one of four neighbours
    int looked = 0;
    for (Index block = 4; block < 8; ++block) looked += batches.contains(t, 10 * block);
    CHECK(looked == 1);
  }
}
