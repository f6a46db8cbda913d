#include "jensen/models/mixture/divergence.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/models/bayes_gmm/wishart.hpp"
#include "jensen/models/mixture/divergence_bounds.hpp"
#include "support/densities.hpp"

using namespace jensen;
using mixture::bound_divergence;
using mixture::Density;
using mixture::DivergenceBounds;
using mixture::DivergenceEstimates;
using mixture::DrawPlan;
using test::density_of;
using test::GaussianParameters;
using test::random_mixture;

namespace {

constexpr const char* kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

DivergenceEstimates estimate(const Density& p, const Density& q, const DrawPlan& plan) {
  return estimate_divergences(p, q, plan, Communicator());
}

/// One pass over so many draws.
DivergenceEstimates estimate(const Density& p, const Density& q, Index draws) {
  return estimate(p, q, DrawPlan{.standard_error = 1e-12, .most_draws = draws});
}

Eigen::ArrayXd log_density_at(const Density& density, const RowMatrix& records) {
  AlignedVector<double> buffer;
  Eigen::ArrayXd values;
  density.log_density.evaluate(records, buffer, values);
  return values;
}

/// KL(p || q), KL(q || p) and Jensen-Shannon of densities of one dimension, on a grid.
struct Truth {
  double forward = 0, reverse = 0, jensen_shannon = 0;
};
Truth integrate(const Density& p, const Density& q) {
  const RowMatrix grid = Vector::LinSpaced(40001, -25, 25);
  const Eigen::ArrayXd log_p = log_density_at(p, grid), log_q = log_density_at(q, grid);
  const Eigen::ArrayXd log_m = ((log_p.exp() + log_q.exp()) / 2).log();
  const double step = grid(1, 0) - grid(0, 0);
  const auto mean = [&](const Eigen::ArrayXd& log_density, const Eigen::ArrayXd& values) {
    return step * (log_density.exp() > 0).select(log_density.exp() * values, 0.0).sum();
  };
  return {mean(log_p, log_p - log_q), mean(log_q, log_q - log_p),
          0.5 * (mean(log_p, log_p - log_m) + mean(log_q, log_q - log_m))};
}

void check_close(const mixture::Estimate& found, double truth) {
  INFO(found.value << " +- " << found.standard_error << ", " << truth);
  CHECK(found.standard_error > 0);
  CHECK(std::abs(found.value - truth) < 5 * found.standard_error);
}

}  // namespace

TEST_CASE("the divergence of single Gaussians is what the closed form says") {
  for (const Index features : {1, 4}) {
    for (const char* family : kFamilies) {
      INFO(family << ", D = " << features);
      const Density p = density_of(random_mixture(1, features, 1, 0.3), family);
      const Density q = density_of(random_mixture(1, features, 2, 0.3), family);
      const auto closed = [](const Density& a, const Density& b) {
        return gaussian_divergence(a.gaussians.means.col(0) - b.gaussians.means.col(0), a.gaussians.root(0),
                                   b.gaussians.root(0));
      };
      const DivergenceEstimates found = estimate(p, q, 6000);
      check_close(found.forward, closed(p, q));
      check_close(found.reverse, closed(q, p));
      check_close(found.symmetrised, closed(p, q) + closed(q, p));
      const DivergenceBounds bounds = bound_divergence(p.gaussians, q.gaussians);
      CHECK(bounds.variational == Approx(closed(p, q)).epsilon(1e-12));
      CHECK(bounds.variational_upper == Approx(closed(p, q)).epsilon(1e-12));
      // what Jensen's inequality loses outside the logarithm: D/2 (1 - log 2) of a Gaussian with itself
      const double gap = 0.5 * static_cast<double>(features) * (1 - std::numbers::ln2);
      CHECK(bounds.upper == Approx(closed(p, q) + gap).epsilon(1e-12));
    }
  }
}

TEST_CASE("estimates and bounds of mixtures agree with an integral") {
  for (Index number = 0; number < 12; ++number) {
    const double spread = number % 3 == 0 ? 0.3 : 2;
    const char* family = kFamilies[number % 5];
    const Density p = density_of(random_mixture(3, 1, 2 * number, spread), family);
    const Density q = density_of(random_mixture(1 + number % 4, 1, 2 * number + 1, spread), family);
    const Truth truth = integrate(p, q);
    const DivergenceEstimates found = estimate(p, q, 8000);
    check_close(found.forward, truth.forward);
    check_close(found.reverse, truth.reverse);
    check_close(found.symmetrised, truth.forward + truth.reverse);
    check_close(found.jensen_shannon, truth.jensen_shannon);
    for (const auto& [from, to, value] :
         {std::tuple(&p, &q, truth.forward), std::tuple(&q, &p, truth.reverse)}) {
      const DivergenceBounds bounds = bound_divergence(from->gaussians, to->gaussians);
      CHECK(bounds.lower <= value);
      CHECK(bounds.upper >= value);
      CHECK(bounds.variational_upper >= value * (1 - 1e-12));
      CHECK(bounds.lower <= bounds.variational);
      CHECK(bounds.variational <= bounds.upper);
    }
  }
}

TEST_CASE("bounds bracket the estimates in several dimensions, for all families") {
  for (const char* family : kFamilies) {
    for (const Index features : {2, 5}) {
      INFO(family << ", D = " << features);
      const Density p = density_of(random_mixture(4, features, 20, 1), family);
      const Density q = density_of(random_mixture(3, features, 21, 1), family);
      const DivergenceEstimates found = estimate(p, q, 6000);
      const DivergenceBounds bounds = bound_divergence(p.gaussians, q.gaussians);
      const double slack = 5 * found.forward.standard_error;
      CHECK(bounds.lower < found.forward.value + slack);
      CHECK(bounds.upper > found.forward.value - slack);
      CHECK(bounds.variational_upper > found.forward.value - slack);
    }
  }
}

TEST_CASE("mixtures that are the same, or the same but for their order, do not diverge") {
  const GaussianParameters plain = random_mixture(4, 3, 5, 1);
  GaussianParameters turned = plain;
  turned.weights.reverseInPlace();
  turned.means = plain.means.colwise().reverse().eval();
  std::reverse(turned.covariances.begin(), turned.covariances.end());
  const Density p = density_of(plain), other = density_of(turned);

  const DivergenceEstimates same = estimate(p, density_of(plain), 5000);
  CHECK(same.forward.value == 0);
  CHECK(same.forward.standard_error == 0);
  CHECK(same.jensen_shannon.value == 0);
  const DivergenceEstimates permuted = estimate(p, other, 5000);
  CHECK(std::abs(permuted.forward.value) < 1e-14);
  CHECK(std::abs(permuted.symmetrised.value) < 1e-14);
  for (const Density* q : {&p, &other}) {
    const DivergenceBounds bounds = bound_divergence(p.gaussians, q->gaussians);
    CHECK(bounds.variational_upper == 0);
    CHECK(std::abs(bounds.variational) < 1e-15);
    CHECK(bounds.lower <= 0);
    CHECK(bounds.upper >= 0);
  }
}

TEST_CASE("the variational upper bound is the least over all ways to match components") {
  const Density p = density_of(random_mixture(2, 2, 30, 0.7)), q = density_of(random_mixture(2, 2, 31, 0.7));
  const Matrix divergences = pairwise_divergences(p.gaussians, q.gaussians);
  const Vector &pi = p.gaussians.weights, &omega = q.gaussians.weights;
  // by brute force: phi has two free numbers, and psi then follows from it
  const auto value = [&](double s, double t) {
    Matrix phi(2, 2);
    phi << s * pi[0], (1 - s) * pi[0], t * pi[1], (1 - t) * pi[1];
    double sum = 0;
    for (Index b = 0; b < 2; ++b) {
      for (Index a = 0; a < 2; ++a) {
        if (phi(a, b) > 0) sum += phi(a, b) * (std::log(phi.col(b).sum() / omega[b]) + divergences(a, b));
      }
    }
    return sum;
  };
  double least = 1e300;
  for (int i = 0; i <= 1000; ++i) {
    for (int j = 0; j <= 1000; ++j) least = std::min(least, value(i / 1000.0, j / 1000.0));
  }
  const double found = bound_divergence(p.gaussians, q.gaussians).variational_upper;
  CHECK(found <= least * (1 + 1e-12));
  CHECK(found == Approx(least).epsilon(1e-4));
}

TEST_CASE("components without weight are left out") {
  GaussianParameters plain = random_mixture(3, 2, 40), more = plain;
  more.weights.resize(4);
  more.weights << plain.weights[0], 0, plain.weights[1], plain.weights[2];
  more.means.resize(4, 2);
  more.means << plain.means.row(0), 50, 50, plain.means.row(1), plain.means.row(2);
  more.covariances.insert(more.covariances.begin() + 1, Matrix::Identity(2, 2));
  const Density p = density_of(plain), q = density_of(random_mixture(3, 2, 41)), longer = density_of(more);
  CHECK(longer.gaussians.size() == 3);
  CHECK(bound_divergence(longer.gaussians, q.gaussians).upper ==
        bound_divergence(p.gaussians, q.gaussians).upper);
  CHECK(estimate(longer, q, 4096).forward.value == Approx(estimate(p, q, 4096).forward.value).epsilon(1e-12));
}

TEST_CASE("divergences do not depend on the coordinates that a model works in") {
  const GaussianParameters a = random_mixture(3, 2, 50), b = random_mixture(2, 2, 51);
  const Transform coordinates{(Vector(2) << 3, -7).finished(), (Vector(2) << 0.25, 8).finished()};
  const DivergenceEstimates plain = estimate(density_of(a), density_of(b), 4096);
  const DivergenceEstimates moved = estimate(density_of(a, "VVV", 1, coordinates), density_of(b), 4096);
  CHECK(moved.forward.value == Approx(plain.forward.value).epsilon(1e-10));
  CHECK(moved.jensen_shannon.value == Approx(plain.jensen_shannon.value).epsilon(1e-10));
}

TEST_CASE("the other way round, forward and reverse are swapped, to the bit") {
  const Density p = density_of(random_mixture(3, 2, 60)), q = density_of(random_mixture(2, 2, 61));
  const DivergenceEstimates there = estimate(p, q, 3000), back = estimate(q, p, 3000);
  CHECK(there.forward.value == back.reverse.value);
  CHECK(there.reverse.value == back.forward.value);
  CHECK(there.symmetrised.value == back.symmetrised.value);
}

TEST_CASE("standard errors are those that they say") {
  const GaussianParameters a = random_mixture(2, 1, 70, 1), b = random_mixture(2, 1, 71, 1);
  const Truth truth = integrate(density_of(a), density_of(b));
  constexpr int kSeeds = 100;
  double squares[3] = {};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const DivergenceEstimates found = estimate(density_of(a, "VVV", seed), density_of(b, "VVV", seed), 1024);
    const auto z = [](const mixture::Estimate& e, double value) {
      return (e.value - value) / e.standard_error;
    };
    squares[0] += std::pow(z(found.forward, truth.forward), 2);
    squares[1] += std::pow(z(found.symmetrised, truth.forward + truth.reverse), 2);
    squares[2] += std::pow(z(found.jensen_shannon, truth.jensen_shannon), 2);
  }
  for (const double sum : squares) CHECK(sum / kSeeds == Approx(1).margin(0.5));  // chi-square: sd 0.14
}

TEST_CASE("draws go on until the precision is reached, or they are used up") {
  const Density p = density_of(random_mixture(1, 1, 80), "VII"),
                q = density_of(random_mixture(2, 1, 81), "VII");
  constexpr Index kRound = 65536;  // the first
  const DrawPlan short_plan{.standard_error = 1e-6, .most_draws = kRound + 3000};
  const DivergenceEstimates cut = estimate(p, q, short_plan);
  CHECK_FALSE(is_precise(cut, short_plan));
  CHECK(cut.draws == kRound + 3000);

  // rounds are one sum: the first round alone is the beginning of it
  const DrawPlan first_plan{.standard_error = 1e6, .most_draws = 50'000'000};
  const DivergenceEstimates first = estimate(p, q, first_plan);
  CHECK(first.draws == kRound);
  const double gap = std::abs(first.forward.value - cut.forward.value);
  CHECK(gap > 0);
  CHECK(gap < first.forward.standard_error);

  const DrawPlan plan{.standard_error = 0.9 * largest_error(first, first_plan), .most_draws = 50'000'000};
  const DivergenceEstimates reached = estimate(p, q, plan);
  CHECK(is_precise(reached, plan));
  CHECK(reached.draws % 2048 == 0);
  CHECK(reached.draws > kRound);
  CHECK(reached.draws < 2 * kRound);

  // only what is judged has to be precise
  DrawPlan lenient = short_plan;
  lenient.standard_error = 1.1 * cut.jensen_shannon.standard_error;
  CHECK_FALSE(is_precise(cut, lenient));
  lenient.judged = {false, false, false, true};
  CHECK(is_precise(cut, lenient));
}

TEST_CASE("densities that are not finite stop the estimate") {
  GaussianParameters far = random_mixture(1, 2, 90);
  const Density p = density_of(far);
  far.means.setConstant(1e200);
  CHECK_THROWS_AS(estimate(p, density_of(far), 4096), NumericalError);
}

TEST_CASE("Wisharts of Bayesian mixtures diverge as the closed form says") {
  const GaussianParameters some = random_mixture(2, 3, 95);
  const Wishart q{some.covariances[0], 6.5}, p{some.covariances[1], 3.25};
  const auto own = [](const Wishart& w) {
    return bayes_gmm::Wishart{mixture::Quadratic::packed, 3, w.degrees,
                              std::log((w.degrees * w.scale).determinant())};
  };
  const double trace = ((p.degrees * p.scale).inverse() * (q.degrees * q.scale)).trace();
  CHECK(kl_divergence(q, p) == Approx(static_cast<double>(divergence(own(q), own(p), trace))).epsilon(1e-12));
}
