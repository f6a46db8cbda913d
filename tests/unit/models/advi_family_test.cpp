#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/core/random.hpp"
#include "jensen/models/advi/family.hpp"
#include "support/gradients.hpp"

using namespace jensen;
using advi::Covariance;
using advi::Family;

namespace {

constexpr Covariance kAll[] = {Covariance::mean_field, Covariance::full_rank, Covariance::low_rank};

Vector normals(Index size, Index key) {
  Stream stream(7, Purpose::draws, key);
  Vector values(size);
  for (double& value : values) value = stream.normal();
  return values;
}

Family some(Covariance covariance, Index size = 5) {
  Family q(covariance, size, 2);
  q.parameters() = 0.5 * normals(q.parameters().size(), 1);
  q.prepare();
  return q;
}

Family with(Family q, const Vector& parameters) {
  q.parameters() = parameters;
  q.prepare();
  return q;
}

}  // namespace

TEST_CASE("q begins as a standard normal", "[advi]") {
  for (const Covariance covariance : kAll) {
    const Family q(covariance, 4, 2);
    CHECK(q.mean().norm() == 0);
    CHECK((q.covariance_matrix() - Matrix::Identity(4, 4)).norm() < 1e-3);
    CHECK(q.entropy() == Approx(2 * (1 + std::log(2 * std::numbers::pi))).epsilon(1e-4));
  }
}

TEST_CASE("q is the normal of its mean and covariance", "[advi]") {
  for (const Covariance covariance : kAll) {
    const Family q = some(covariance);
    const Matrix sigma = q.covariance_matrix();
    const Vector zeta = normals(5, 2), difference = zeta - q.mean();
    const Eigen::LLT<Matrix> factor(sigma);
    const double log_determinant = 2 * factor.matrixL().nestedExpression().diagonal().array().log().sum();
    const double square = difference.dot(factor.solve(difference));
    CHECK(q.log_density(zeta) ==
          Approx(-0.5 * (5 * std::log(2 * std::numbers::pi) + log_determinant + square)));
    CHECK(q.entropy() == Approx(0.5 * (5 * (1 + std::log(2 * std::numbers::pi)) + log_determinant)));
    CHECK((q.deviations() - sigma.diagonal().cwiseSqrt()).norm() < 1e-14);
    const auto density = [&](const Vector& at) { return q.log_density(at); };
    CHECK(test::gradient_error(q.score(zeta), test::differences(density, zeta)) < 1e-9);
  }
}

TEST_CASE("draws have q's mean and covariance", "[advi]") {
  for (const Covariance covariance : kAll) {
    const Family q = some(covariance, 3);
    // zeta is linear in the noise: its images are all there is to know
    Matrix scale(3, q.noise_size());
    for (Index i = 0; i < q.noise_size(); ++i)
      scale.col(i) = q.at(Vector::Unit(q.noise_size(), i)) - q.at(Vector::Zero(q.noise_size()));
    CHECK((q.at(Vector::Zero(q.noise_size())) - q.mean()).norm() == 0);
    CHECK((scale * scale.transpose() - q.covariance_matrix()).norm() < 1e-14);
  }
}

TEST_CASE("gradients with respect to q's parameters are those of differences", "[advi]") {
  for (const Covariance covariance : kAll) {
    const Family q = some(covariance);
    const Vector noise = normals(q.noise_size(), 3), direction = normals(5, 4);
    const auto value = [&](const Vector& parameters) {
      return direction.dot(with(q, parameters).at(noise).array().sin().matrix());
    };
    Vector gradient = Vector::Zero(q.parameters().size());
    q.add_gradient(noise, direction.cwiseProduct(q.at(noise).array().cos().matrix()), gradient);
    CHECK(test::gradient_error(gradient, test::differences(value, q.parameters())) < 1e-9);

    const auto entropy = [&](const Vector& parameters) { return with(q, parameters).entropy(); };
    gradient.setZero();
    q.add_entropy_gradient(gradient);
    CHECK(test::gradient_error(gradient, test::differences(entropy, q.parameters())) < 1e-9);
  }
}

TEST_CASE("a natural step is the same in all linear coordinates", "[advi]") {
  const Family q = some(Covariance::full_rank, 3);
  Matrix map(3, 3);  // lower triangular, so that the image of L is the factor of the image of q
  map << 2, 0, 0, -1, 0.3, 0, 4, 1, 5;
  // q's image under zeta -> map zeta
  Family image(Covariance::full_rank, 3, 0);
  const Matrix lower = Matrix((map * q.covariance_matrix() * map.transpose()).llt().matrixL());
  image.parameters().head(3) = map * q.mean();
  image.parameters().segment(3, 3) = lower.diagonal().array().log();
  for (Index i = 1, at = 6; i < 3; ++i) {
    for (Index j = 0; j < i; ++j) image.parameters()[at++] = lower(i, j);
  }
  image.prepare();
  const auto stepped = [](Family family, auto zeta_gradient) {
    Vector gradient = Vector::Zero(family.parameters().size());
    for (Index s = 0; s < 4; ++s) {
      const Vector noise = normals(3, 10 + s);
      family.add_gradient(noise, zeta_gradient(family.at(noise)), gradient);
    }
    family.take_natural_step(gradient, 1e-5, 1);
    family.prepare();
    return family;
  };
  const Family moved = stepped(q, [](const Vector& zeta) -> Vector { return -zeta; });
  const Matrix inverse = map.inverse();
  const Family moved_image =
      stepped(image, [&](const Vector& zeta) -> Vector { return -(inverse.transpose() * (inverse * zeta)); });
  CHECK((map * moved.mean() - moved_image.mean()).norm() < 1e-13 * moved_image.mean().norm());
  const Matrix expected = map * moved.covariance_matrix() * map.transpose();
  CHECK((expected - moved_image.covariance_matrix()).norm() < 1e-9 * expected.norm());
  CHECK((q.covariance_matrix() - moved.covariance_matrix()).norm() > 1e-7);
}

TEST_CASE("a natural step is never longer than it may", "[advi]") {
  for (const Covariance covariance : {Covariance::mean_field, Covariance::full_rank}) {
    const Family q = some(covariance);
    Family moved = q;
    moved.take_natural_step(Vector::Constant(q.parameters().size(), 1e12), 1, 0.5);
    moved.prepare();
    const Vector in_deviations = Matrix(q.covariance_matrix().llt().matrixL())
                                     .triangularView<Eigen::Lower>()
                                     .solve(moved.mean() - q.mean());
    CHECK(in_deviations.norm() <= 0.5 * std::sqrt(5.0) * (1 + 1e-12));
    CHECK(moved.parameters().allFinite());
    CHECK((moved.parameters() - q.parameters()).segment(5, 5).cwiseAbs().maxCoeff() <= 0.5);
  }
}
