#include "jensen/models/advi/constraint.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"

using namespace jensen;
using advi::Constraint;
using advi::ParameterBlock;

namespace {

using Numbers = std::vector<double>;

const std::vector<ParameterBlock> kBlocks = {
    {"real", Constraint::real, 3},
    {"positive", Constraint::positive, 2},
    {"interval", Constraint::interval, 2, -3, 5},
    {"one weight", Constraint::simplex, 1},
    {"two weights", Constraint::simplex, 2},
    {"weights", Constraint::simplex, 5},
    {"one place", Constraint::ordered, 1},
    {"cut points", Constraint::ordered, 4},
    {"no correlation", Constraint::correlation_cholesky, 1},
    {"one correlation", Constraint::correlation_cholesky, 2},
    {"correlations", Constraint::correlation_cholesky, 5},
    {"variance", Constraint::covariance_cholesky, 1},
    {"covariance", Constraint::covariance_cholesky, 4},
};

std::size_t free_length(const ParameterBlock& block) {
  return static_cast<std::size_t>(unconstrained_size(block));
}

Numbers constrained(const ParameterBlock& block, const Numbers& zeta) {
  Numbers theta(static_cast<std::size_t>(constrained_size(block)));
  constrain(block, zeta, theta);
  return theta;
}

double log_jacobian(const ParameterBlock& block, const Numbers& zeta) {
  Numbers theta(static_cast<std::size_t>(constrained_size(block)));
  return constrain(block, zeta, theta);
}

Numbers unconstrained(const ParameterBlock& block, const Numbers& theta) {
  Numbers zeta(free_length(block));
  unconstrain(block, theta, zeta);
  return zeta;
}

Numbers normals(std::size_t count, double sd, Index index) {
  Stream stream(7, Purpose::sampling, index);
  Numbers draws(count);
  for (double& draw : draws) draw = sd * stream.normal();
  return draws;
}

/// d theta / d zeta by central differences of fourth order: theta x zeta.
Matrix numeric_jacobian(const ParameterBlock& block, const Numbers& zeta) {
  Matrix jacobian(constrained_size(block), unconstrained_size(block));
  const double h = 1e-3;
  for (std::size_t j = 0; j < zeta.size(); ++j) {
    const auto moved = [&](double step) {
      Numbers there = zeta;
      there[j] += step;
      const Numbers theta = constrained(block, there);
      return Vector(Eigen::Map<const Vector>(theta.data(), constrained_size(block)));
    };
    jacobian.col(static_cast<Index>(j)) =
        (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
  }
  return jacobian;
}

/// The rows of the free elements: the first K - 1 of a simplex, a correlation's strictly lower triangle.
Matrix free_rows(const ParameterBlock& block, const Matrix& jacobian) {
  Matrix square(unconstrained_size(block), unconstrained_size(block));
  if (block.constraint != Constraint::correlation_cholesky) return jacobian.topRows(square.rows());
  Index row = 0;
  for (Index i = 1; i < block.size; ++i)
    for (Index j = 0; j < i; ++j) square.row(row++) = jacobian.row(i * (i + 1) / 2 + j);
  return square;
}

bool within(const ParameterBlock& block, const Numbers& theta) {
  double total = 0, norm = 0;
  Index row = 0, column = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double value = theta[i];
    if (!std::isfinite(value)) return false;
    total += value;
    switch (block.constraint) {
      case Constraint::real:
        break;
      case Constraint::interval:
        if (!(block.lower < value && value < block.upper)) return false;
        break;
      case Constraint::ordered:
        if (i > 0 && !(theta[i - 1] < value)) return false;
        break;
      case Constraint::positive:
      case Constraint::simplex:
        if (!std::isnormal(value) || value < 0) return false;
        break;
      case Constraint::correlation_cholesky:
      case Constraint::covariance_cholesky:
        norm += value * value;
        if (column++ < row) break;
        if (!std::isnormal(value) || value < 0) return false;
        if (block.constraint == Constraint::correlation_cholesky && std::abs(norm - 1) > 1e-14) return false;
        norm = 0;
        column = 0;
        ++row;
    }
  }
  return block.constraint != Constraint::simplex || std::abs(total - 1) < 1e-14;
}

}  // namespace

TEST_CASE("Zero is the centre of each constraint") {
  CHECK(constrained({"x", Constraint::real, 2}, {0, 0}) == Numbers{0, 0});
  CHECK(constrained({"x", Constraint::positive}, {0}) == Numbers{1});
  CHECK(constrained({"x", Constraint::interval, 1, -1, 3}, {0}) == Numbers{1});
  CHECK(constrained({"x", Constraint::simplex, 4}, {0, 0, 0}) == Numbers{.25, .25, .25, .25});
  CHECK(constrained({"x", Constraint::ordered, 3}, {0, 0, 0}) == Numbers{0, 1, 2});
  const Numbers identity = {1, 0, 1, 0, 0, 1};
  CHECK(constrained({"x", Constraint::correlation_cholesky, 3}, {0, 0, 0}) == identity);
  CHECK(constrained({"x", Constraint::covariance_cholesky, 3}, {0, 0, 0, 0, 0, 0}) == identity);
}

TEST_CASE("Parameters come back from their unconstrained values") {
  for (const ParameterBlock& block : kBlocks) {
    INFO(block.name);
    check(block);
    for (Index draw = 0; draw < 20; ++draw) {
      const Numbers zeta = normals(free_length(block), 2, draw);
      const Numbers theta = constrained(block, zeta);
      CHECK(within(block, theta));
      const Numbers back = unconstrained(block, theta);
      const Numbers again = constrained(block, back);
      for (std::size_t i = 0; i < zeta.size(); ++i) CHECK(back[i] == Approx(zeta[i]).epsilon(0).margin(1e-9));
      for (std::size_t i = 0; i < theta.size(); ++i)
        CHECK(again[i] == Approx(theta[i]).epsilon(1e-11).margin(1e-14));
    }
  }
}

TEST_CASE("The log-Jacobian is the logarithm of the determinant of numeric derivatives") {
  for (const ParameterBlock& block : kBlocks) {
    INFO(block.name);
    for (Index draw = 0; draw < 10; ++draw) {
      const Numbers zeta = normals(free_length(block), 1, draw);
      const Matrix square = free_rows(block, numeric_jacobian(block, zeta));
      const double expected = zeta.empty() ? 0 : std::log(std::abs(square.determinant()));
      CHECK(log_jacobian(block, zeta) == Approx(expected).epsilon(0).margin(1e-8));
    }
  }
}

TEST_CASE("Gradients are pulled back by the transposed Jacobian, and added") {
  for (const ParameterBlock& block : kBlocks) {
    INFO(block.name);
    for (Index draw = 0; draw < 10; ++draw) {
      const Numbers zeta = normals(free_length(block), 1, draw), theta = constrained(block, zeta);
      const Numbers gradient = normals(theta.size(), 1, 100 + draw);
      Numbers sum(zeta.size(), 10);
      pull_back(block, zeta, theta, gradient, 0, sum);
      Numbers with_jacobian(zeta.size(), 0);
      pull_back(block, zeta, theta, gradient, 2.5, with_jacobian);

      const Vector expected = numeric_jacobian(block, zeta).transpose() *
                              Eigen::Map<const Vector>(gradient.data(), constrained_size(block));
      for (std::size_t j = 0; j < zeta.size(); ++j) {
        CHECK(sum[j] - 10 == Approx(expected[static_cast<Index>(j)]).epsilon(1e-8).margin(1e-9));
        const double h = 1e-3;
        const auto moved = [&](double step) {
          Numbers there = zeta;
          there[j] += step;
          return log_jacobian(block, there);
        };
        const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
        CHECK(with_jacobian[j] - (sum[j] - 10) == Approx(2.5 * slope).epsilon(1e-8).margin(1e-9));
      }
    }
  }
}

TEST_CASE("Far out, parameters stay within their constraint and everything stays finite") {
  for (const ParameterBlock& block : kBlocks) {
    INFO(block.name);
    for (const double size : {19.0, 38.0, 300.0, 700.0}) {
      for (int pattern = 0; pattern < 4; ++pattern) {
        CAPTURE(size, pattern);
        Numbers zeta(free_length(block));
        for (std::size_t i = 0; i < zeta.size(); ++i)
          zeta[i] = pattern == 0   ? size
                    : pattern == 1 ? -size
                    : pattern == 2 ? (i % 2 == 0 ? size : -size)
                                   : (i % 2 == 0 ? 0 : size);
        const Numbers theta = constrained(block, zeta);
        CHECK(within(block, theta));
        CHECK(std::isfinite(log_jacobian(block, zeta)));
        Numbers gradient(zeta.size(), 0);
        pull_back(block, zeta, theta, Numbers(theta.size(), 1), 1, gradient);
        for (const double slope : gradient) CHECK(std::isfinite(slope));
        for (const double value : unconstrained(block, theta)) CHECK(std::isfinite(value));
      }
    }
  }
}

TEST_CASE("Tails keep their relative accuracy") {
  const ParameterBlock below_zero{"x", Constraint::interval, 1, -2, 0};
  CHECK(constrained(below_zero, {50})[0] == Approx(-2 * std::exp(-50.)).epsilon(1e-14));
  CHECK(log_jacobian(below_zero, {700}) == Approx(std::log(2) - 700).epsilon(1e-15));
  CHECK(unconstrained(below_zero, {-1e-200})[0] == Approx(std::log(2) + 200 * std::log(10)).epsilon(1e-14));
  // two weights: their log-ratio is sqrt(2) zeta
  const ParameterBlock pair{"x", Constraint::simplex, 2};
  CHECK(constrained(pair, {300})[1] == Approx(std::exp(-300 * std::sqrt(2))).epsilon(1e-12));
  CHECK(log_jacobian(pair, {700}) == Approx(.5 * std::log(2) - 700 * std::sqrt(2)).epsilon(1e-14));
  CHECK(unconstrained(pair, {1, 1e-300})[0] == Approx(300 * std::log(10) / std::sqrt(2)).epsilon(1e-14));
  // a correlation of 1 to rounding: the diagonal is 1 / cosh
  const ParameterBlock correlation{"x", Constraint::correlation_cholesky, 2};
  CHECK(constrained(correlation, {40})[1] == 1);
  CHECK(constrained(correlation, {40})[2] == Approx(2 * std::exp(-40.)).epsilon(1e-14));
  CHECK(unconstrained(correlation, constrained(correlation, {40}))[0] == Approx(40).epsilon(1e-14));
  CHECK(unconstrained(correlation, constrained(correlation, {-600}))[0] == Approx(-600).epsilon(1e-14));
}

TEST_CASE("Relabelling the weights of a simplex turns the unconstrained values") {
  const ParameterBlock block{"x", Constraint::simplex, 4};
  const Numbers one = unconstrained(block, {.1, .2, .3, .4}), other = unconstrained(block, {.4, .2, .1, .3});
  const auto square = [](const Numbers& x) {
    return Eigen::Map<const Eigen::Vector3d>(x.data()).squaredNorm();
  };
  CHECK(square(one) == Approx(square(other)).epsilon(1e-14));
  CHECK(log_jacobian(block, one) == Approx(log_jacobian(block, other)).epsilon(1e-14));
}

TEST_CASE("A factor of correlations has the correlations of its partial ones") {
  // Row 2: z_20 is the correlation of 0 and 2, z_21 the partial correlation of 1 and 2 given 0.
  const Numbers l = constrained({"x", Constraint::correlation_cholesky, 3},
                                {std::atanh(.5), std::atanh(-.3), std::atanh(.6)});
  const double r01 = l[1], r02 = l[3], r12 = l[1] * l[3] + l[2] * l[4];
  CHECK(r01 == Approx(.5));
  CHECK(r02 == Approx(-.3));
  CHECK((r12 - r01 * r02) / std::sqrt((1 - r01 * r01) * (1 - r02 * r02)) == Approx(.6));
}
