#include "jensen/models/advi/targets/mixture.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/points_pass.hpp"
#include "support/data.hpp"
#include "support/log_joint.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::Mixture;
using advi::MixtureSettings;

namespace {

const Communicator kSerial;

MixtureSettings settings_of(Index components, Index features) {
  return {.components = components,
          .centre = Vector::LinSpaced(features, -0.3, 0.4),
          .spread = Vector::LinSpaced(features, 0.7, 1.4),
          .concentration = 1.5};
}

/// One block; weights 0, 1, 2 in turn, the records of weight 0 being NaN.
ResponseShard weighted_records(Index count, Index features) {
  RowMatrix rows = test::normal_records(count, features, 8);
  std::vector<double> weights;
  for (Index n = 0; n < count; ++n) {
    weights.push_back(static_cast<double>(n % 3));
    if (n % 3 == 0) rows.row(n).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  DenseShard shard({.records = count, .block_rows = count}, features, DenseShard::Storage::float64, true);
  shard.fill(0, count, rows.data());
  shard.fill_weights(0, weights);
  return ResponseShard(shard);
}

double log_normal_density(double x, double mean, double sd) {
  const double z = (x - mean) / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * std::log(2 * std::numbers::pi);
}

/// log p(theta) + the records' log-likelihood, from the definitions in mixture.hpp.
double plain_log_joint(const MixtureSettings& settings, const DenseBlock& block, const Vector& theta) {
  const Index count = settings.components, features = settings.centre.size();
  double sum = std::lgamma(static_cast<double>(count) * settings.concentration) -
               static_cast<double>(count) * std::lgamma(settings.concentration);
  const auto mean = [&](Index k, Index d) { return theta[count + k * features + d]; };
  const auto scale = [&](Index k, Index d) { return theta[count + (count + k) * features + d]; };
  for (Index k = 0; k < count; ++k) {
    sum += (settings.concentration - 1) * std::log(theta[k]);
    for (Index d = 0; d < features; ++d) {
      sum += log_normal_density(mean(k, d), settings.centre[d], settings.mean_scale * settings.spread[d]);
      const double log_scale = std::log(scale(k, d));
      sum +=
          log_normal_density(log_scale, std::log(settings.spread[d]), settings.scale_deviation) - log_scale;
    }
  }
  for (Index n = 0; n < block.rows(); ++n) {
    if (block.weight(n) == 0) continue;
    double density = 0;
    for (Index k = 0; k < count; ++k) {
      double log_joint = std::log(theta[k]);
      for (Index d = 0; d < features; ++d)
        log_joint += log_normal_density(block.records(n, d), mean(k, d), scale(k, d));
      density += std::exp(log_joint);
    }
    sum += block.weight(n) * std::log(density);
  }
  return sum;
}

}  // namespace

TEST_CASE("a mixture with its labels summed out is its definition", "[advi]") {
  const Index components = GENERATE(1, 2, 5), features = GENERATE(1, 3);
  const MixtureSettings settings = settings_of(components, features);
  const auto target = std::make_shared<Mixture>(settings);
  const ResponseShard shard = weighted_records(60, features);
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  for (Index key = 0; key < 3; ++key) {
    const Vector zeta = test::some_point(advi::unconstrained_size(*target), key);
    const Vector theta = constrained(*target, zeta);
    advi::DensityAt density(target, 1);
    density.set(0, zeta);
    Vector slope = Vector::Zero(theta.size());
    const double prior = target->log_prior({theta.data(), static_cast<std::size_t>(theta.size())},
                                           {slope.data(), static_cast<std::size_t>(theta.size())});
    const double jacobian = density.log_joint(0, 0) - prior;
    CHECK(test::log_joint(target, block, zeta) - jacobian ==
          Approx(plain_log_joint(settings, block.features, theta)).epsilon(1e-12));
    test::check_gradient(target, block, zeta);
  }
  test::check_points_alone(target, block);
}

TEST_CASE("a mixture at EM's optimum has gmm's log-likelihood, and no slope", "[advi]") {
  const RowMatrix iris = test::read_csv("iris.csv");
  const auto fit = test::fit_from_labels(
      {iris, kSerial}, kSerial, test::iris_species(),
      {.family = &mixture::find_family("VVI", 4), .components = 3, .covariance_floor = 0},
      {.max_iterations = 3000});
  const test::Problem problem(iris, kSerial);
  Document document;
  fit.model.save(problem.in(fit.model.family().scaling).transform(), document);
  const auto weights = document.numbers("/parameters/weights"), means = document.numbers("/parameters/means"),
             covariances = document.numbers("/parameters/covariances");  // K x D x D
  Vector theta(3 + 2 * 12);
  for (Index k = 0; k < 3; ++k) theta[k] = weights[static_cast<std::size_t>(k)];
  for (Index i = 0; i < 12; ++i) {
    theta[3 + i] = means[static_cast<std::size_t>(i)];
    theta[15 + i] = std::sqrt(covariances[static_cast<std::size_t>(i / 4 * 16 + i % 4 * 5)]);
  }
  const Mixture target({.components = 3, .centre = Vector::Zero(4), .spread = Vector::Ones(4)});
  const ResponseShard shard(make_serial_shard(iris));
  const auto [values, gradients] = log_likelihood_gradients(target, theta, shard, kSerial);
  CHECK(values[0] == Approx(fit.log_likelihoods.back()).epsilon(1e-12));
  CHECK(pulled_back(target, unconstrained(target, theta), gradients).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("a relabelled mixture is as likely", "[advi]") {
  const auto target = std::make_shared<Mixture>(settings_of(3, 2));
  const ResponseShard shard = weighted_records(30, 2);
  Vector theta = constrained(*target, test::some_point(advi::unconstrained_size(*target), 1)), turned = theta;
  for (Index k = 0; k < 3; ++k) {
    const Index to = (k + 1) % 3;
    turned[to] = theta[k];
    for (const Index first : {3, 9}) turned.segment(first + 2 * to, 2) = theta.segment(first + 2 * k, 2);
  }
  Matrix both(theta.size(), 2);
  both << theta, turned;
  const Vector values = log_likelihoods(*target, both, shard, kSerial);
  CHECK(values[0] == Approx(values[1]).epsilon(1e-13));
}

TEST_CASE("a mixture begins with components that differ, of its own seed", "[advi]") {
  MixtureSettings settings = settings_of(4, 2);
  const Mixture target(settings);
  const Vector theta = constrained(target, target.start());
  CHECK(theta.head(4) == Vector::Constant(4, 0.25));
  for (Index d = 0; d < 2; ++d) {
    double sum = 0, least = 1e9;
    for (Index k = 0; k < 4; ++k) {
      sum += theta[4 + 2 * k + d];
      for (Index j = 0; j < k; ++j)
        least = std::min(least, std::abs(theta[4 + 2 * k + d] - theta[4 + 2 * j + d]));
      CHECK(theta[12 + 2 * k + d] == Approx(settings.spread[d]));
    }
    CHECK(sum / 4 == Approx(settings.centre[d]).margin(1e-12));
    CHECK(least > 0.5 * settings.spread[d]);
  }
  CHECK(Mixture(settings).start() == target.start());
  bool differs = false;
  for (settings.seed = 2; settings.seed < 6; ++settings.seed)
    differs |= Mixture(settings).start() != target.start();
  CHECK(differs);
}

TEST_CASE("a mixture's numbers are named by component and feature", "[advi]") {
  const std::vector<std::string> names = Mixture(settings_of(2, 3)).reported_names();
  REQUIRE(names.size() == 14);
  CHECK(names[1] == "weights[1]");
  CHECK(names[2] == "means[0,0]");
  CHECK(names[6] == "means[1,1]");
  CHECK(names[13] == "scales[1,2]");
}

TEST_CASE("settings of a mixture target that cannot be are refused", "[advi]") {
  const auto refused = [](auto change) {
    MixtureSettings settings = settings_of(2, 3);
    change(settings);
    CHECK_THROWS_AS(Mixture(settings), UsageError);
  };
  refused([](auto& s) { s.components = 0; });
  refused([](auto& s) { s.concentration = 0; });
  refused([](auto& s) { s.mean_scale = -1; });
  refused([](auto& s) { s.scale_deviation = std::numeric_limits<double>::infinity(); });
  refused([](auto& s) { s.centre.resize(0), s.spread.resize(0); });
  refused([](auto& s) { s.spread = Vector::Ones(2); });
  refused([](auto& s) { s.centre[1] = std::numeric_limits<double>::quiet_NaN(); });
  MixtureSettings constant = settings_of(2, 3);
  constant.spread[1] = 0;
  CHECK_THROWS_WITH(Mixture(constant), Catch::Contains("spread of feature 1 = 0"));
}
