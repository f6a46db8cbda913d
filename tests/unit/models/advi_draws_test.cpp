#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/data/response_shard.hpp"
#include "jensen/models/advi/density.hpp"
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
using advi::Response;

namespace {

constexpr Index kDraws = 60'000;

std::span<const double> all(const Vector& theta) {
  return {theta.data(), static_cast<std::size_t>(theta.size())};
}

/// Responses of one record of features 1 and -2, all given one theta.
Eigen::ArrayXd responses(const advi::RegressionSettings& settings, const Vector& theta) {
  const Regression target(settings, 2);
  REQUIRE(theta.size() == target.size());
  RowMatrix record(1, 2);
  record << 1, -2;
  const ResponseShard shard(make_serial_shard(record));
  ResponseShard::Buffer buffer;
  Points points(target.size(), kDraws), drawn(1, kDraws);
  for (Index s = 0; s < kDraws; ++s) points.set_point(s, all(theta));
  target.draw_responses(points, shard.block(0, buffer), 7, 0, drawn);
  return Eigen::Map<const Eigen::ArrayXd>(drawn.row(0), kDraws);
}

advi::RegressionSettings settings_of(Response response, Index classes = 2, double degrees = 4) {
  return {.response = response,
          .classes = classes,
          .degrees_of_freedom = degrees,
          .prior_scales = Vector::Ones(2)};
}

}  // namespace

TEST_CASE("responses are drawn around their linear predictor", "[advi]") {
  // intercept 0.3, coefficients 2 and 0.4: eta = 1.5
  const double eta = 1.5, mean = std::exp(eta), size = 1.7;
  const Vector without = Eigen::Vector3d(0.3, 2, 0.4), with = Eigen::Vector4d(0.3, 2, 0.4, size);
  SECTION("normal") {
    test::check_moments(responses(settings_of(Response::normal), with), eta, size * size);
  }
  SECTION("student") {
    const double nu = 7;  // variance nu / (nu - 2)
    const Eigen::ArrayXd drawn = responses(settings_of(Response::student, 2, nu), with);
    test::check_moments(drawn, eta, size * size * nu / (nu - 2));
    const double beyond = ((drawn - eta).abs() > 2.3646 * size).cast<double>().mean();  // t_7's 97.5 % point
    test::check_share(beyond, 0.05, kDraws);
  }
  SECTION("bernoulli") {
    const Eigen::ArrayXd drawn = responses(settings_of(Response::bernoulli), without);
    CHECK((drawn == 0 || drawn == 1).all());
    test::check_share(drawn.mean(), 1 / (1 + std::exp(-eta)), kDraws);
  }
  SECTION("poisson") {
    test::check_moments(responses(settings_of(Response::poisson), without), mean, mean);
  }
  SECTION("negative binomial") {
    const Eigen::ArrayXd drawn = responses(settings_of(Response::negative_binomial), with);
    test::check_moments(drawn, mean, mean + mean * mean / size);
    test::check_share((drawn == 0).cast<double>().mean(), std::pow(size / (size + mean), size), kDraws);
  }
  SECTION("categorical") {
    Vector theta(6);  // two intercepts, two rows of coefficients: eta = 0, 0.7, -0.4
    theta << 0.2, -0.4, 0.5, 0, 0.6, 0.3;
    const Eigen::ArrayXd drawn = responses(settings_of(Response::categorical, 3), theta);
    const Eigen::Array3d odds(1, std::exp(0.7), std::exp(-0.4));
    for (Index c = 0; c < 3; ++c) {
      const double share = (drawn == static_cast<double>(c)).cast<double>().mean();
      test::check_share(share, odds[c] / odds.sum(), kDraws);
    }
  }
}

TEST_CASE("a response follows from its record's number and its draw's alone", "[advi]") {
  const Index count = 100, points = 11;
  const auto target = std::make_shared<Regression>(
      advi::RegressionSettings{.response = Response::negative_binomial, .prior_scales = Vector::Ones(3)}, 3);
  const RowMatrix records = test::normal_records(count, 3, 6);
  const auto drawn = [&](Index block_rows, Index begin, Index end) {  // count x (end - begin)
    DenseShard dense({.records = count, .block_rows = block_rows}, 3, DenseShard::Storage::float64, false);
    dense.fill(0, count, records.data());
    const ResponseShard shard(dense);
    advi::DensityAt at(target, end - begin);
    for (Index s = begin; s < end; ++s) at.set(s - begin, test::some_point(at.size(), s));
    RowMatrix responses(count, end - begin);
    ResponseShard::Buffer buffer;
    Index row = 0;
    for (Index i = 0; i < shard.block_count(); ++i) {
      const ResponseBlock block = shard.block(i, buffer);
      Points found(block.rows(), end - begin);
      target->draw_responses(at.theta(), block, 4, begin, found);
      for (Index n = 0; n < block.rows(); ++n, ++row)
        for (Index s = 0; s < end - begin; ++s) responses(row, s) = found(n, s);
    }
    return responses;
  };
  const RowMatrix whole = drawn(count, 0, points);
  CHECK(drawn(16, 0, points) == whole);
  CHECK(drawn(count, 3, points) == whole.rightCols(points - 3));
  CHECK(whole.col(0) != whole.col(1));
}

TEST_CASE("records drawn from a mixture have its shares, means and covariances", "[advi]") {
  const advi::Mixture target({.components = 3, .centre = Vector::Zero(2), .spread = Vector::Ones(2)});
  Vector theta(15);
  theta << 0.2, 0.5, 0.3, /* means */ -5, 0, 1, 2, 4, -3, /* scales */ 0.5, 1, 2, 0.1, 1.5, 0.7;
  std::array<std::vector<std::array<double, 2>>, 3> of_component;
  for (Index n = 0; n < kDraws; ++n) {
    Stream stream(2, Purpose::sampling, n);
    std::array<double, 2> record;
    const Index k = target.draw_record(all(theta), stream, record);
    of_component.at(static_cast<std::size_t>(k)).push_back(record);
  }
  for (Index k = 0; k < 3; ++k) {
    const auto& drawn = of_component[static_cast<std::size_t>(k)];
    const auto count = static_cast<Index>(drawn.size());
    test::check_share(static_cast<double>(count) / kDraws, theta[k], kDraws);
    Eigen::ArrayXXd columns(count, 2);
    for (Index n = 0; n < count; ++n)
      for (Index d = 0; d < 2; ++d)
        columns(n, d) = drawn[static_cast<std::size_t>(n)].at(static_cast<std::size_t>(d));
    for (Index d = 0; d < 2; ++d) {
      const double scale = theta[9 + 2 * k + d];
      test::check_moments(columns.col(d), theta[3 + 2 * k + d], scale * scale);
    }
    const Eigen::ArrayXd products = (columns.col(0) - theta[3 + 2 * k]) * (columns.col(1) - theta[4 + 2 * k]);
    const double scale = theta[9 + 2 * k] * theta[10 + 2 * k];
    CHECK(std::abs(products.mean()) < 4.5 * scale / std::sqrt(static_cast<double>(count)));
  }
}

TEST_CASE("records drawn by factor analysis have covariance W W' + Psi", "[advi]") {
  const Index features = 4, factors = 2;
  const advi::FactorAnalysis target(
      {.factors = factors, .centre = Vector::LinSpaced(features, -1, 2), .spread = Vector::Ones(features)});
  const Vector theta = constrained(target, test::some_point(unconstrained_size(target), 3));
  Matrix covariance = target.loadings(all(theta)) * target.loadings(all(theta)).transpose();
  covariance.diagonal() += target.noise_variances(all(theta));
  Eigen::ArrayXXd drawn(kDraws, features);
  std::array<double, 4> record;
  for (Index n = 0; n < kDraws; ++n) {
    Stream stream(2, Purpose::sampling, n);
    CHECK(target.draw_record(all(theta), stream, record) == 0);
    for (Index d = 0; d < features; ++d) drawn(n, d) = record[static_cast<std::size_t>(d)] - theta[d];
  }
  for (Index d = 0; d < features; ++d) {
    test::check_moments(drawn.col(d), 0, covariance(d, d));
    for (Index e = 0; e < d; ++e) {
      const Eigen::ArrayXd products = drawn.col(d) * drawn.col(e);
      const double variance = covariance(d, d) * covariance(e, e) + covariance(d, e) * covariance(d, e);
      CHECK(std::abs(products.mean() - covariance(d, e)) < 4.5 * std::sqrt(variance / kDraws));
    }
  }
}

TEST_CASE("what cannot be drawn is refused", "[advi]") {
  const auto normal = advi::make_target(test::NormalTarget{Vector::Zero(1), Matrix::Identity(1, 1)});
  const ResponseShard shard = test::no_data();
  ResponseShard::Buffer buffer;
  Points theta(1, 1), drawn(1, 1);
  CHECK_THROWS_WITH(normal->draw_responses(theta, shard.block(0, buffer), 1, 0, drawn),
                    Catch::Contains("does not say how responses are drawn"));
  Stream stream(1, Purpose::sampling, 0);
  std::array<double, 1> record;
  CHECK_THROWS_WITH(normal->draw_record({theta.row(0), 1}, stream, record),
                    Catch::Contains("does not say how records are drawn"));

  const Regression poisson({.response = Response::poisson, .prior_scales = Vector::Ones(1)}, 1);
  Points far(2, 1);
  far(0, 0) = 800;
  CHECK_THROWS_WITH(
      poisson.draw_responses(far, shard.block(0, buffer), 1, 0, drawn),
      Catch::Contains("response 0 of record 0 is") && Catch::Contains("linear predictor is 800"));
}
