#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/divergence.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"

using namespace jensen;
using Catch::Contains;

namespace {

Matrix random_matrix(Index d, Index seed) {
  Stream stream(11, Purpose::canary, seed);
  return Matrix::NullaryExpr(d, d, [&] { return stream.normal(); });
}

Matrix random_covariance(Index d, Index seed) {
  const Matrix a = random_matrix(d, seed);
  return a * a.transpose() + 0.3 * Matrix::Identity(d, d);
}

Gaussian random_gaussian(Index d, Index seed) {
  return {random_matrix(d, seed + 500).col(0), random_covariance(d, seed)};
}

/// Sum of values times steps: for what is smooth and falls to 0 at both ends, the error is exponentially
/// small.
template <class F>
double trapezoid(double from, double to, int steps, F f) {
  double sum = 0;
  const double step = (to - from) / steps;
  for (int i = 0; i <= steps; ++i) sum += f(from + i * step);
  return sum * step;
}

}  // namespace

TEST_CASE("divergence of a mean-field Gaussian from the one that it stands for") {
  const Matrix precision = (Matrix(2, 2) << 2, 1, 1, 2).finished();
  const Gaussian p{Vector::Zero(2), precision.inverse()};
  const Gaussian q{Vector::Zero(2), Vector(precision.diagonal().cwiseInverse()).asDiagonal()};
  CHECK(kl_divergence(q, p) == Approx(0.143841036226).epsilon(1e-11));
  CHECK(kl_divergence(q, p) == Approx(0.5 * std::log(4.0 / 3)).epsilon(1e-14));
  CHECK(kl_divergence(p, p) == 0);
}

TEST_CASE("divergence of Gaussians of one dimension, by its formula and by an integral") {
  const auto normal = [](double mean, double variance) {
    return Gaussian{Vector::Constant(1, mean), Matrix::Constant(1, 1, variance)};
  };
  const double value = kl_divergence(normal(1, 2), normal(-0.5, 0.7));
  CHECK(value == Approx(0.5 * (2 / 0.7 - 1 - std::log(2 / 0.7) + 2.25 / 0.7)).epsilon(1e-14));
  const auto log_density = [](double x, double mean, double variance) {
    return -0.5 * ((x - mean) * (x - mean) / variance + std::log(2 * std::numbers::pi * variance));
  };
  const double integral = trapezoid(-20, 22, 4000, [&](double x) {
    const double log_p = log_density(x, 1, 2);
    return std::exp(log_p) * (log_p - log_density(x, -0.5, 0.7));
  });
  CHECK(value == Approx(integral).epsilon(1e-12));
}

TEST_CASE("divergence of Gaussians agrees with inverses and determinants") {
  for (const Index d : {1, 2, 5, 17}) {
    const Gaussian p = random_gaussian(d, d), q = random_gaussian(d, 50 + d);
    const Matrix quotient = q.covariance.inverse() * p.covariance;
    const Vector difference = q.mean - p.mean;
    const double expected =
        0.5 * (quotient.trace() - static_cast<double>(d) - std::log(quotient.determinant()) +
               difference.dot(q.covariance.inverse() * difference));
    CHECK(kl_divergence(p, q) == Approx(expected).epsilon(1e-10));
    CHECK(kl_divergence(p, p) == 0);
  }
}

TEST_CASE("divergence of Gaussians does not change with the coordinates") {
  const Gaussian p = random_gaussian(4, 1), q = random_gaussian(4, 2);
  const Matrix a = random_matrix(4, 3);
  const Vector shift = random_matrix(4, 4).col(1);
  const auto moved = [&](const Gaussian& g) {
    return Gaussian{a * g.mean + shift, a * g.covariance * a.transpose()};
  };
  CHECK(kl_divergence(moved(p), moved(q)) == Approx(kl_divergence(p, q)).epsilon(1e-10));
}

TEST_CASE("chain rule of Gaussians: margin and conditional") {
  const Gaussian p = random_gaussian(2, 8), q = random_gaussian(2, 9);
  const auto margin = [](const Gaussian& g) {
    return Gaussian{g.mean.head(1), g.covariance.topLeftCorner(1, 1)};
  };
  // x_2 given x_1 is N(a + b x_1, v); its divergence is averaged over p's x_1
  const auto conditional = [](const Gaussian& g) {
    const double b = g.covariance(0, 1) / g.covariance(0, 0);
    return std::array{g.mean[1] - b * g.mean[0], b, g.covariance(1, 1) - b * g.covariance(0, 1)};
  };
  const auto [pa, pb, pv] = conditional(p);
  const auto [qa, qb, qv] = conditional(q);
  const double mean_gap = pa - qa + (pb - qb) * p.mean[0];
  const double gap = mean_gap * mean_gap + (pb - qb) * (pb - qb) * p.covariance(0, 0);
  const double within = 0.5 * (pv / qv - 1 - std::log(pv / qv) + gap / qv);
  CHECK(kl_divergence(p, q) == Approx(kl_divergence(margin(p), margin(q)) + within).epsilon(1e-12));
}

TEST_CASE("Gaussians that are hardly different or of extreme scales") {
  const double d = 1e-9;
  const Gaussian p{Vector::Zero(1), Matrix::Ones(1, 1)}, q{Vector::Zero(1), Matrix::Constant(1, 1, 1 + d)};
  CHECK(kl_divergence(p, q) == Approx(d * d / 4).epsilon(1e-6));
  const Gaussian small{p.mean, 1e-300 * p.covariance};
  CHECK(kl_divergence(small, p) == Approx(0.5 * (300 * std::numbers::ln10 - 1)).epsilon(1e-12));
  CHECK(kl_divergence(p, small) == Approx(0.5e300).epsilon(1e-9));
}

TEST_CASE("what is no Gaussian is refused") {
  const Gaussian fine = random_gaussian(2, 1);
  Gaussian other = fine;
  other.covariance = Matrix::Ones(2, 2);
  CHECK_THROWS_WITH(kl_divergence(fine, other), "the covariance of q is not positive definite (must be)");
  CHECK_THROWS_WITH(kl_divergence(other, fine), "the covariance of p is not positive definite (must be)");
  other.covariance(0, 1) = 0.5;
  CHECK_THROWS_WITH(kl_divergence(fine, other), Contains("is not symmetric"));
  other.covariance(0, 1) = std::nan("");
  CHECK_THROWS_WITH(kl_divergence(fine, other), Contains("is not finite"));
  CHECK_THROWS_WITH(kl_divergence(fine, random_gaussian(3, 1)),
                    "p has 2 dimensions and q has 3 (must be as many)");
  other = fine;
  other.mean = Vector::Zero(3);
  CHECK_THROWS_WITH(kl_divergence(fine, other), Contains("the mean of q has 3 values"));
  CHECK_THROWS_AS(kl_divergence(fine, Gaussian{}), InputError);
}

TEST_CASE("divergence of Dirichlets") {
  const auto dirichlet = [](std::initializer_list<double> values) {
    return Dirichlet{Eigen::Map<const Vector>(values.begin(), static_cast<Index>(values.size()))};
  };
  // of two concentrations: an integral over the logit of the share
  const double integral = trapezoid(-60, 60, 6000, [&](double t) {
    const double log_x = -std::log1p(std::exp(-t)), log_y = -std::log1p(std::exp(t));
    const auto log_beta = [&](double a, double b) {
      return std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * log_x + b * log_y;
    };
    const double log_p = log_beta(2.5, 0.8);
    return std::exp(log_p) * (log_p - log_beta(1.1, 3));
  });
  CHECK(kl_divergence(dirichlet({2.5, 0.8}), dirichlet({1.1, 3})) == Approx(integral).epsilon(1e-11));
  // from the uniform one: minus its entropy and that of the uniform, log 1/2! over the simplex of three
  CHECK(kl_divergence(dirichlet({1, 1, 1}), dirichlet({1, 1, 1})) == 0);
  // joining outcomes: Dirichlet(a, b, c) is Beta(a, b + c) and Beta(b, c) of the rest, independently
  const double whole = kl_divergence(dirichlet({2, 0.5, 4}), dirichlet({1, 3, 0.7}));
  const double parts = kl_divergence(dirichlet({2, 4.5}), dirichlet({1, 3.7})) +
                       kl_divergence(dirichlet({0.5, 4}), dirichlet({3, 0.7}));
  CHECK(whole == Approx(parts).epsilon(1e-13));
  CHECK(kl_divergence(dirichlet({1e9, 1e9}), dirichlet({1e9, 1e9 + 1})) < 1e-9);
  CHECK_THROWS_WITH(kl_divergence(dirichlet({1, 0}), dirichlet({1, 1})),
                    Contains("concentration 1 of p is 0"));
  CHECK_THROWS_WITH(kl_divergence(dirichlet({1, 1}), dirichlet({1, 1, 1})), Contains("as many"));
  CHECK_THROWS_AS(kl_divergence(Dirichlet{}, Dirichlet{}), InputError);
}

TEST_CASE("divergence of Wisharts of one dimension is that of gamma distributions") {
  const auto wishart = [](double scale, double degrees) {
    return Wishart{Matrix::Constant(1, 1, scale), degrees};
  };
  const auto log_density = [](double log_x, double scale, double degrees) {  // over log x
    const double shape = degrees / 2;
    return shape * log_x - std::exp(log_x) / (2 * scale) - shape * std::log(2 * scale) - std::lgamma(shape);
  };
  const double integral = trapezoid(-80, 10, 20000, [&](double t) {
    const double log_p = log_density(t, 0.4, 3.5);
    return std::exp(log_p) * (log_p - log_density(t, 1.3, 0.9));
  });
  CHECK(kl_divergence(wishart(0.4, 3.5), wishart(1.3, 0.9)) == Approx(integral).epsilon(1e-11));
}

TEST_CASE("divergence of Wisharts of two dimensions, by an integral over matrices") {
  const Wishart p{(Matrix(2, 2) << 0.5, 0.2, 0.2, 0.4).finished(), 6.5};
  const Wishart q{(Matrix(2, 2) << 0.8, -0.1, -0.1, 0.6).finished(), 4.2};
  const auto log_density = [](const Wishart& w) {
    const double log_normaliser = w.degrees / 2 * std::log(4 * w.scale.determinant()) +
                                  0.5 * std::log(std::numbers::pi) + std::lgamma(w.degrees / 2) +
                                  std::lgamma((w.degrees - 1) / 2);
    return [precision = Matrix(w.scale.inverse()), nu = w.degrees, log_normaliser](double a, double b,
                                                                                   double c) {
      const double trace = precision(0, 0) * a + 2 * precision(0, 1) * b + precision(1, 1) * c;
      return (nu - 3) / 2 * std::log(a * c - b * b) - trace / 2 - log_normaliser;
    };
  };
  const auto of_p = log_density(p), of_q = log_density(q);
  double mass = 0;
  // over the logarithms of the diagonal and the inverse tanh of the correlation
  const double value = trapezoid(-11, 5, 90, [&](double s) {
    return trapezoid(-11, 5, 90, [&](double t) {
      return trapezoid(-9, 9, 90, [&](double u) {
        const double a = std::exp(s), c = std::exp(t), r = std::tanh(u), b = r * std::sqrt(a * c);
        const double volume = a * c * std::sqrt(a * c) * (1 - r * r), log_p = of_p(a, b, c);
        const double density = std::exp(log_p) * volume;
        mass += density;
        return density * (log_p - of_q(a, b, c));
      });
    });
  });
  CHECK(mass * (16.0 / 90) * (16.0 / 90) * (18.0 / 90) == Approx(1).epsilon(1e-6));
  CHECK(kl_divergence(p, q) == Approx(value).epsilon(1e-5));
}

TEST_CASE("divergence of normal-Wisharts") {
  const Wishart w{random_covariance(3, 1), 7}, v{random_covariance(3, 2), 4.5};
  CHECK(kl_divergence(w, w) == 0);
  const Matrix a = random_matrix(3, 5);
  const auto moved = [&](const Wishart& x) { return Wishart{a * x.scale * a.transpose(), x.degrees}; };
  CHECK(kl_divergence(moved(w), moved(v)) == Approx(kl_divergence(w, v)).epsilon(1e-10));

  // the mean's part is that of Gaussians given the precision, averaged over it: at many degrees of freedom it
  // stays at degrees times the scale
  const Vector m = random_matrix(3, 6).col(0), n = random_matrix(3, 7).col(0);
  const Wishart sure{w.scale / 1e9, 1e9};
  const Matrix covariance = w.scale.inverse();
  const double expected = kl_divergence(Gaussian{m, covariance / 2.5}, Gaussian{n, covariance / 0.4});
  CHECK(kl_divergence(NormalWishart{m, 2.5, sure}, NormalWishart{n, 0.4, sure}) ==
        Approx(expected).epsilon(1e-10));
  CHECK(kl_divergence(NormalWishart{m, 2.5, w}, NormalWishart{m, 2.5, v}) ==
        Approx(kl_divergence(w, v)).epsilon(1e-14));

  CHECK_THROWS_WITH(kl_divergence(w, Wishart{v.scale, 2}),
                    Contains("q has 2 degrees of freedom (must be above 2"));
  CHECK_THROWS_WITH(kl_divergence(w, Wishart{-v.scale, 4}),
                    "the scale matrix of q is not positive definite (must be)");
  CHECK_THROWS_WITH(kl_divergence(NormalWishart{m, 0, w}, NormalWishart{m, 1, w}),
                    Contains("the strength of p is 0"));
}
