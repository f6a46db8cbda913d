#include "jensen/models/mixture/covariance.hpp"

#include <Eigen/Eigenvalues>
#include <catch2/catch.hpp>
#include <limits>

#include "jensen/models/mixture/moments.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;
using mixture::Covariances;
using mixture::Quadratic;

namespace {

const Communicator kSerial;

Vector relative_eigenvalues(const Matrix& sigma, const Vector& reference) {
  const Vector inverse_sd = reference.cwiseSqrt().cwiseInverse();
  return Eigen::SelfAdjointEigenSolver<Matrix>(inverse_sd.asDiagonal() * sigma * inverse_sd.asDiagonal())
      .eigenvalues();
}

Vector packed(const Matrix& sigma) {
  Vector values(mixture::quadratic_size(Quadratic::packed, sigma.rows()));
  mixture::for_each_pair(sigma.rows(),
                         [&](Index i, Index j, Index position) { values[position] = sigma(i, j); });
  return values;
}

}  // namespace

TEST_CASE("A covariance is the scatter over the weight, in the family's form") {
  Covariances full(Quadratic::packed, 2, 2), diagonal(Quadratic::squares, 2, 2),
      spherical(Quadratic::norm, 2, 1);
  estimate_covariance(Eigen::Vector3d(8, 4, 2), 4, full, 1);
  CHECK(full.dense(1) == Matrix(Eigen::Matrix2d{{2, .5}, {.5, 1}}));
  CHECK(full.variances(1) == Vector(Eigen::Vector2d(2, 1)));
  CHECK(full.dense(0).isZero(0));
  estimate_covariance(Eigen::Vector2d(8, 4), 4, diagonal, 0);
  CHECK(diagonal.dense(0) == Matrix(Eigen::Matrix2d{{2, 0}, {0, 1}}));
  estimate_covariance(Vector::Constant(1, 12), 4, spherical, 0);
  CHECK(spherical.dense(0) == Matrix(1.5 * Matrix::Identity(2, 2)));
  CHECK(spherical.variances(0) == Vector(Eigen::Vector2d(1.5, 1.5)));
  CHECK(spherical.column(3) == 0);
  CHECK(full.column(1) == 1);
  CHECK(spherical.shared_by(2));
  CHECK_FALSE(spherical.shared_by(1));
  CHECK_FALSE(full.shared_by(2));
}

TEST_CASE("The floor clips relative eigenvalues: a case by hand") {
  // Eigenvalues 3 and 1 relative to the reference, on the diagonals.
  const Matrix relative = Eigen::Matrix2d{{2, 1}, {1, 2}};
  const Vector reference = Eigen::Vector2d(4, 9);
  const Vector sd = Eigen::Vector2d(2, 3);
  Covariances covariances(Quadratic::packed, 2, 1);
  covariances.full(0) = sd.asDiagonal() * relative * sd.asDiagonal();
  const Matrix before = covariances.full(0);
  CHECK_FALSE(apply_floor(covariances, 0, reference, 0.999));
  CHECK(covariances.full(0) == before);
  CHECK_FALSE(apply_floor(covariances, 0, reference, 0));
  CHECK(apply_floor(covariances, 0, reference, 2));  // eigenvalues 3 and 2: [[2.5, .5], [.5, 2.5]]
  const Matrix expected = sd.asDiagonal() * Matrix(Eigen::Matrix2d{{2.5, .5}, {.5, 2.5}}) * sd.asDiagonal();
  CHECK((covariances.full(0) - expected).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(covariances.full(0) == Matrix(covariances.full(0).transpose()));
}

TEST_CASE("The floor of variances: each its own, or relative to their mean") {
  Covariances diagonal(Quadratic::squares, 2, 1), spherical(Quadratic::norm, 2, 1);
  diagonal.values << 0.1, 5;
  CHECK(apply_floor(diagonal, 0, Eigen::Vector2d(2, 4), 0.1));
  CHECK(diagonal.values(0, 0) == 0.2);
  CHECK(diagonal.values(1, 0) == 5);
  CHECK_FALSE(apply_floor(diagonal, 0, Eigen::Vector2d(2, 4), 0.1));
  spherical.values << 0.1;
  CHECK(apply_floor(spherical, 0, Eigen::Vector2d(2, 4), 0.1));
  CHECK(spherical.values(0, 0) == Approx(0.3).epsilon(1e-15));
  spherical.values << std::numeric_limits<double>::quiet_NaN();
  CHECK(apply_floor(spherical, 0, Eigen::Vector2d(2, 4), 0.1));  // NaN is below every floor
}

TEST_CASE("No eigenvalue is left below the floor, whatever it was before") {
  const double floor = GENERATE(1e-9, 1e-6, 1e-2, 0.5);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Index d = 2 + static_cast<Index>(seed) % 5;
    Vector reference = test::normal_records(1, d, seed).cwiseAbs().transpose();
    reference.array() += 0.1;
    Covariances covariances(Quadratic::packed, d, 1);
    covariances.full(0) = test::random_covariance(d, 1e14, seed);
    const bool active = apply_floor(covariances, 0, reference, floor);
    CHECK(active);
    CHECK(relative_eigenvalues(covariances.full(0), reference)[0] >= floor * (1 - 1e-12) - 1e-14);
    const Matrix once = covariances.full(0);
    apply_floor(covariances, 0, reference, floor);  // rounding may clip again, by rounding
    CHECK((covariances.full(0) - once).cwiseAbs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("Parameters are brought into the family's form, pooled by weight") {
  const RowMatrix rows = test::normal_records(50, 2, 3);
  const test::Problem problem(rows, kSerial);
  const Vector weights = Eigen::Vector2d(.25, .75);
  const std::vector<Matrix> covariances = {Eigen::Matrix2d{{4, 1}, {1, 2}},
                                           Eigen::Matrix2d{{1, .5}, {.5, 3}}};
  const auto model_of = [&](const char* family, const std::vector<Matrix>& given, double floor = 0) {
    gmm::GaussianMixture model(
        {.family = &mixture::find_family(family, 2), .components = 2, .covariance_floor = floor},
        problem.summary, Transform::identity(2), 1);
    model.set_parameters(weights, rows.topRows(2), given);
    CHECK(model.weights() == weights);
    CHECK(model.means() == rows.topRows(2));
    return model;
  };
  CHECK(model_of("VVV", covariances).covariances().dense(1) == covariances[1]);
  CHECK(model_of("EEE", covariances).covariances().dense(0) ==
        Matrix(Eigen::Matrix2d{{1.75, .625}, {.625, 2.75}}));
  CHECK(model_of("VVI", covariances).covariances().dense(1) == Matrix(Eigen::Matrix2d{{1, 0}, {0, 3}}));
  CHECK(model_of("VII", covariances).covariances().dense(0) == Matrix(3 * Matrix::Identity(2, 2)));
  CHECK(model_of("EII", covariances).covariances().dense(0) == Matrix(2.25 * Matrix::Identity(2, 2)));
  CHECK(model_of("VVV", {covariances[0]}).covariances().dense(1) == covariances[0]);
  CHECK(model_of("EEE", {covariances[0]}).covariances().dense(0) == covariances[0]);
  CHECK_FALSE(model_of("VVV", covariances, 1e-6).floor_active());
  CHECK_FALSE(model_of("VVV", covariances, 1e-6).singular());
  const auto floored = model_of("VVV", {1e-9 * covariances[0], covariances[1]}, 1e-2);
  CHECK(floored.floor_active());
  CHECK(floored.singular());
  CHECK(relative_eigenvalues(floored.covariances().dense(0), problem.summary.variance)[0] >=
        1e-2 * (1 - 1e-12));
}

TEST_CASE("Second moments about the mean follow from those about any point") {
  const Matrix z = test::normal_records(30, 3, 9);
  const Eigen::ArrayXd r = test::normal_records(30, 1, 10).array().abs();
  const Vector offset = z.transpose() * r.matrix() / r.sum();
  const Matrix gram = z.transpose() * r.matrix().asDiagonal() * z;
  const Matrix centred = z.rowwise() - offset.transpose();
  const Matrix scatter = centred.transpose() * r.matrix().asDiagonal() * centred;
  for (const Quadratic kind : {Quadratic::norm, Quadratic::squares, Quadratic::packed}) {
    const Index size = mixture::quadratic_size(kind, 3);
    const Vector about_zero = kind == Quadratic::packed    ? packed(gram)
                              : kind == Quadratic::squares ? Vector(gram.diagonal())
                                                           : Vector(Vector::Constant(1, gram.trace()));
    REQUIRE(about_zero.size() == size);
    Vector moments = about_zero;
    mixture::subtract_outer(kind, r.sum(), offset, moments);
    const Vector expected = kind == Quadratic::packed    ? packed(scatter)
                            : kind == Quadratic::squares ? Vector(scatter.diagonal())
                                                         : Vector(Vector::Constant(1, scatter.trace()));
    CHECK((moments - expected).cwiseAbs().maxCoeff() < 1e-12);
    mixture::add_outer(kind, r.sum(), offset, moments);
    CHECK((moments - about_zero).cwiseAbs().maxCoeff() < 1e-12);
  }
}
