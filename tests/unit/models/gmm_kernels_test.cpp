#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"
#include "unit/models/dense_gaussian.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
constexpr double kExpanded = 4e6, kCentred = 0;  // limits of expansion, which choose the kernel
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

struct Shape {
  Index records, features, components;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << "N = " << shape.records << ", D = " << shape.features << ", K = " << shape.components;
}

/// Tails of everything: vectors of 8, panels of 32 components, tiles of 48 records, or 96 of many features.
const std::vector<Shape> kShapes = {{1, 1, 1},   {7, 1, 1},    {1, 5, 1},    {97, 1, 3},    {100, 2, 33},
                                    {96, 7, 8},  {193, 8, 40}, {50, 9, 7},   {200, 16, 32}, {95, 17, 9},
                                    {64, 31, 5}, {99, 33, 2},  {130, 40, 6}, {41, 64, 35},  {197, 81, 10}};

/// A mixture with means among the records, of these covariances (one, or one for each component).
GaussianMixture prepared(const test::Problem& problem, const RowMatrix& records, const char* family,
                         Index components, double limit, const std::vector<Matrix>& covariances) {
  RowMatrix means(components, records.cols());
  for (Index k = 0; k < components; ++k) means.row(k) = 0.9 * records.row(k % records.rows());
  const gmm::Settings settings{.family = &mixture::find_family(family, records.cols()),
                               .components = components,
                               .covariance_floor = 0,
                               .expansion_limit = limit};
  GaussianMixture model(settings, problem.summary, Transform::identity(records.cols()), 1);
  const Vector ranks = Vector::LinSpaced(components, 1, 2);
  model.set_parameters(ranks / ranks.sum(), means, covariances);
  model.prepare(0);
  return model;
}

/// Weights, means and covariances that a global step makes of these responsibilities, by plain sums.
void require_plain_moments(const GaussianMixture& model, const RowMatrix& z, const Matrix& r) {
  const Vector sizes = r.colwise().sum();
  Matrix pooled = Matrix::Zero(z.cols(), z.cols());
  for (Index k = 0; k < r.cols(); ++k) {
    const RowVector mean = r.col(k).transpose() * z / sizes[k];
    CHECK(model.weights()[k] == Approx(sizes[k] / sizes.sum()).epsilon(1e-13));
    REQUIRE((model.means().row(k) - mean).cwiseAbs().maxCoeff() < 1e-12);
    const RowMatrix centred = z.rowwise() - mean;
    Matrix scatter = centred.transpose() * r.col(k).asDiagonal() * centred;
    pooled += scatter;
    if (model.family().shared()) continue;
    scatter /= sizes[k];
    const Matrix found = model.covariances().dense(k);
    if (model.family().form() == mixture::Quadratic::packed)
      REQUIRE((found - scatter).cwiseAbs().maxCoeff() < 1e-11);
    if (model.family().form() == mixture::Quadratic::squares)
      REQUIRE((found.diagonal() - scatter.diagonal()).cwiseAbs().maxCoeff() < 1e-11);
    if (model.family().form() == mixture::Quadratic::norm)
      REQUIRE(std::abs(found(0, 0) - scatter.diagonal().mean()) < 1e-11);
  }
  if (!model.family().shared()) return;
  pooled /= sizes.sum();
  const Matrix found = model.covariances().dense(0);
  if (model.family().form() == mixture::Quadratic::packed) {
    REQUIRE((found - pooled).cwiseAbs().maxCoeff() < 1e-11);
  } else {
    REQUIRE(std::abs(found(0, 0) - pooled.diagonal().mean()) < 1e-11);
  }
}

}  // namespace

TEST_CASE("Every kernel agrees with the plain formulas at every shape") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double limit = GENERATE(kExpanded, kCentred);
  for (const Shape& shape : kShapes) {
    INFO(family << ", " << shape << ", expansion limit " << limit);
    const auto [n, d, components] = shape;
    const RowMatrix records = test::normal_records(n, d, 7);
    const test::Problem problem(records, kSerial);
    std::vector<Matrix> covariances;
    for (Index k = 0; k < components; ++k)
      covariances.push_back(test::random_covariance(d, 20, static_cast<std::uint64_t>(k)));
    GaussianMixture model = prepared(problem, records, family, components, limit, covariances);
    const test::WholeBlock block(problem.shard);
    CHECK(test::largest_error(model, *block) < 1e-12);

    Matrix r = test::normal_records(n, components, 8).cwiseAbs();
    r.array().colwise() /= r.rowwise().sum().array().eval();
    mixture::GaussianSums sums = model.make_sums();
    model.add_statistics(*block, r, sums);
    model.global_step(sums, 0);
    require_plain_moments(model, block->records, r);
  }
}

TEST_CASE("Far more components than a tile has records") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const RowMatrix records = test::normal_records(5003, 2, 9);
  const test::Problem problem(records, kSerial);
  const GaussianMixture model =
      prepared(problem, records, family, 5000, kExpanded, {test::random_covariance(2, 5, 10)});
  const test::WholeBlock block(test::Problem(records.topRows(101), kSerial).shard);
  CHECK(test::largest_error(model, *block) < 1e-12);
  Matrix r;
  Eigen::ArrayXd log_density;
  model.responsibilities(*block, r, log_density);
  CHECK((r.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-13);
}

TEST_CASE("Thousands of features") {
#ifdef __SANITIZE_ADDRESS__
  const Index d = 300;  // Eigen's factorisations take minutes there
#else
  const Index d = 2000;
#endif
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI");
  const double limit = GENERATE(1e300, kCentred);
  INFO(family << ", expansion limit " << limit);
  const RowMatrix records = test::normal_records(5, d, 11);
  const test::Problem problem(records, kSerial);
  const Vector variances = Vector::LinSpaced(d, 0.5, 2);
  const GaussianMixture model =
      prepared(problem, records, family, 2, limit, {Matrix(variances.asDiagonal())});
  const test::WholeBlock block(problem.shard);
  const Matrix joint = model.log_joint(*block);
  for (Index n = 0; n < 5; ++n) {
    for (Index k = 0; k < 2; ++k) {
      const Eigen::ArrayXd offset = (block->records.row(n) - model.means().row(k)).transpose();
      const double expected =
          std::log(model.weights()[k]) -
          0.5 *
              (offset.square() / variances.array() + (2 * std::numbers::pi * variances.array()).log()).sum();
      CHECK(joint(n, k) == Approx(expected).epsilon(1e-11));
    }
  }
}
