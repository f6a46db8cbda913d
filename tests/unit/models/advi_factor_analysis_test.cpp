#include "jensen/models/advi/targets/factor_analysis.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/points_pass.hpp"
#include "support/data.hpp"
#include "support/log_joint.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::FactorAnalysis;
using advi::FactorNoise;
using advi::FactorSettings;

namespace {

const Communicator kSerial;

FactorSettings settings_of(Index factors, Index features, FactorNoise noise) {
  return {.factors = factors,
          .noise = noise,
          .centre = Vector::LinSpaced(features, -0.3, 0.4),
          .spread = Vector::LinSpaced(features, 0.7, 1.4),
          .loading_scale = 0.8};
}

/// One block; weights 0, 1, 2 in turn, the records of weight 0 being NaN.
ResponseShard weighted_records(Index count, Index features) {
  RowMatrix rows = test::normal_records(count, features, 9);
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

std::span<const double> all(const Vector& vector) {
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

double log_normal_density(const Vector& x, const Vector& mean, const Matrix& covariance) {
  const Vector r = x - mean;
  return -0.5 * (r.dot(covariance.inverse() * r) + std::log(covariance.determinant()) +
                 static_cast<double>(x.size()) * std::log(2 * std::numbers::pi));
}

Matrix covariance_of(const FactorAnalysis& target, const Vector& theta) {
  const Matrix w = target.loadings(all(theta));
  Matrix covariance = w * w.transpose();
  covariance.diagonal() += target.noise_variances(all(theta));
  return covariance;
}

}  // namespace

TEST_CASE("factor analysis is a normal of covariance W W' + Psi", "[advi]") {
  const auto noise = GENERATE(FactorNoise::equal, FactorNoise::diagonal);
  const Index features = GENERATE(2, 6), factors = GENERATE(1, 3);
  if (factors >= features) return;
  const auto target = std::make_shared<FactorAnalysis>(settings_of(factors, features, noise));
  const ResponseShard shard = weighted_records(50, features);
  ResponseShard::Buffer buffer;
  const ResponseBlock block = shard.block(0, buffer);
  for (Index key = 0; key < 3; ++key) {
    const Vector zeta = test::some_point(advi::unconstrained_size(*target), key);
    const Vector theta = constrained(*target, zeta);
    const Matrix covariance = covariance_of(*target, theta);
    double expected = 0;
    for (Index n = 0; n < block.rows(); ++n) {
      if (block.weight(n) == 0) continue;
      const Vector record = block.features.records.row(n).transpose();
      expected += block.weight(n) * log_normal_density(record, theta.head(features), covariance);
    }
    CHECK(log_likelihoods(*target, theta, shard, kSerial)[0] == Approx(expected).epsilon(1e-11));
    test::check_gradient(target, block, zeta);
  }
  test::check_points_alone(target, block);
}

TEST_CASE("W is lower triangular in its first rows, and theta has all its other numbers", "[advi]") {
  const FactorAnalysis target(settings_of(2, 4, FactorNoise::diagonal));
  Vector theta = Vector::LinSpaced(target.size(), 1, static_cast<double>(target.size()));
  Matrix expected(4, 2);
  expected << 5, 0, 6, 7, 8, 9, 10, 11;
  CHECK(target.loadings(all(theta)) == expected);
  CHECK(target.reported_names() ==
        std::vector<std::string>{"means[0]", "means[1]", "means[2]", "means[3]", "loadings[0,0]",
                                 "loadings[1,0]", "loadings[1,1]", "loadings[2,0]", "loadings[2,1]",
                                 "loadings[3,0]", "loadings[3,1]", "noise_scales[0]", "noise_scales[1]",
                                 "noise_scales[2]", "noise_scales[3]"});
  CHECK(target.noise_variances(all(theta)) == Eigen::Vector4d(144, 169, 196, 225));
}

TEST_CASE("the prior of W is that of independent normals turned around", "[advi]") {
  // Of a K x K matrix Z of independent normals, L in Z = L Q has density p(Z) times the volume of rotations,
  // prod_i 2 pi^((K-i)/2) / Gamma((K-i)/2), and det(dZ / dL dQ) = prod_i L_ii^(K-1-i), i from 0; with signs
  // of the diagonal fixed.
  const Index factors = 3;
  const FactorSettings settings = settings_of(factors, 4, FactorNoise::diagonal);
  const FactorAnalysis target(settings);
  const Vector theta = constrained(target, test::some_point(advi::unconstrained_size(target), 4));
  Vector slope = Vector::Zero(theta.size());
  std::span<double> slopes(slope.data(), static_cast<std::size_t>(slope.size()));
  double expected = target.log_prior(all(theta), slopes);
  const auto log_normal = [](double x, double mean, double sd) {
    return log_normal_density(Vector::Constant(1, x), Vector::Constant(1, mean),
                              Matrix::Constant(1, 1, sd * sd));
  };
  for (Index d = 0; d < 4; ++d) {
    expected -= log_normal(theta[d], settings.centre[d], 2.5 * settings.spread[d]);
    const double scale = theta[theta.size() - 4 + d];
    expected -= log_normal(std::log(scale), std::log(settings.spread[d]), 1) - std::log(scale);
  }
  const Matrix w = target.loadings(all(theta));
  double found = 0;
  for (Index d = 0; d < 4; ++d) {
    const double sd = 0.8 * settings.spread[d];
    for (Index r = 0; r < factors; ++r) found += log_normal(w(d, r), 0, sd);
    if (d >= factors) continue;
    const auto left = static_cast<double>(factors - d);
    found += std::log(2.0) + left / 2 * std::log(std::numbers::pi) - std::lgamma(left / 2);
    found += (left - 1) * std::log(w(d, d));
  }
  CHECK(found == Approx(expected).epsilon(1e-12));
}

TEST_CASE("probabilistic PCA's closed-form optimum has no slope", "[advi]") {
  const RowMatrix iris = test::read_csv("iris.csv");
  const Index factors = GENERATE(1, 2);
  const Vector mean = iris.colwise().mean().transpose();
  const RowMatrix centred = iris.rowwise() - mean.transpose();
  const Matrix covariance = centred.transpose() * centred / static_cast<double>(iris.rows());
  const Eigen::SelfAdjointEigenSolver<Matrix> axes(covariance);  // in rising order
  const double noise = axes.eigenvalues().head(4 - factors).mean();
  const Vector lengths = (axes.eigenvalues().tail(factors).array() - noise).sqrt();
  const Matrix w = axes.eigenvectors().rightCols(factors) * lengths.asDiagonal();
  const Matrix top = w.topRows(factors);
  const Matrix q = top.transpose().householderQr().householderQ();
  Matrix turned = w * q;
  for (Index r = 0; r < factors; ++r) {
    if (turned(r, r) < 0) turned.col(r) *= -1;
  }
  const FactorAnalysis target({.factors = factors,
                               .noise = FactorNoise::equal,
                               .centre = Vector::Zero(4),
                               .spread = Vector::Ones(4)});
  Vector theta(target.size());
  theta.head(4) = mean;
  Index next = 4;
  for (Index d = 0; d < 4; ++d) {
    for (Index r = 0; r < std::min(d + 1, factors); ++r) theta[next++] = turned(d, r);
  }
  theta[next] = std::sqrt(noise);
  const ResponseShard shard(make_serial_shard(iris));
  const auto [values, gradients] = log_likelihood_gradients(target, theta, shard, kSerial);
  CHECK(pulled_back(target, unconstrained(target, theta), gradients).cwiseAbs().maxCoeff() < 1e-9);
  // Tipping and Bishop 1999, eq. 8's log-likelihood at its maximum
  const double expected =
      -75 * (4 * std::log(2 * std::numbers::pi) + axes.eigenvalues().tail(factors).array().log().sum() +
             static_cast<double>(4 - factors) * std::log(noise) + 4);
  CHECK(values[0] == Approx(expected).epsilon(1e-12));
}

TEST_CASE("factor analysis begins with the data's variance, and not where W is 0", "[advi]") {
  const FactorSettings settings = settings_of(2, 5, FactorNoise::diagonal);
  const FactorAnalysis target(settings);
  const Vector theta = constrained(target, target.start());
  CHECK(theta.head(5) == settings.centre);
  CHECK(target.loadings(all(theta)).cwiseAbs().minCoeff() == 0);  // above the diagonal
  CHECK(target.loadings(all(theta)).bottomRows(3).cwiseAbs().minCoeff() > 0);
  CHECK(target.loadings(all(theta))(0, 0) == Approx(0.5 * settings.spread[0]));
  CHECK(
      (target.noise_variances(all(theta)).array() / settings.spread.array().square() - 0.5).abs().maxCoeff() <
      1e-12);
  CHECK(unconstrained(target, theta).isApprox(target.start()));
}

TEST_CASE("noise too small for the digits of a double is NaN, not a fantastic likelihood", "[advi]") {
  const FactorAnalysis target(settings_of(2, 5, FactorNoise::diagonal));
  const ResponseShard shard(make_serial_shard(test::normal_records(100, 5, 3)));
  Vector theta = constrained(target, target.start());
  for (const double scale : {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-12, 1e-100}) {
    theta[theta.size() - 2] = scale;
    const double value = log_likelihoods(target, theta, shard, kSerial)[0];
    const double bound =
        -100 * std::log(scale);  // 0 distances, and variances of about 1 for the other features
    CHECK(((std::isnan(value) && scale < 1e-5) || (value < bound && scale > 1e-7)));
  }
}

TEST_CASE("settings of factor analysis that cannot be are refused", "[advi]") {
  CHECK_THROWS_AS(FactorAnalysis(settings_of(0, 3, FactorNoise::equal)), UsageError);
  CHECK_THROWS_WITH(FactorAnalysis(settings_of(3, 3, FactorNoise::equal)),
                    Catch::Contains("fewer than the 3 features"));
  FactorSettings settings = settings_of(1, 3, FactorNoise::equal);
  settings.spread[2] = 0;
  CHECK_THROWS_AS(FactorAnalysis(settings), UsageError);
  settings = settings_of(1, 3, FactorNoise::equal);
  settings.loading_scale = 0;
  CHECK_THROWS_AS(FactorAnalysis(settings), UsageError);
}
