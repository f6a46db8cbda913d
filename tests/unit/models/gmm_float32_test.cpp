#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/product.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVI", "VII", "EII"};

struct Shape {
  Index records, features, components;
};

/// Tails of everything: vectors of 16, panels of 64 components, tiles of 96 records.
const std::vector<Shape> kShapes = {{1, 1, 1},  {7, 1, 3},    {97, 1, 3},    {100, 2, 33}, {96, 7, 16},
                                    {95, 8, 9}, {193, 8, 70}, {200, 16, 32}, {99, 17, 2},  {41, 64, 135}};

/// A mixture with means among the records, its kth covariance being `variance` (k + 1) / K in all features.
GaussianMixture mixture_of(const test::Problem& problem, const RowMatrix& records, const char* family,
                           Index components, Arithmetic arithmetic, double variance = 1) {
  const Index d = records.cols();
  RowMatrix means(components, d);
  std::vector<Matrix> covariances;
  for (Index k = 0; k < components; ++k) {
    means.row(k) = 0.9 * records.row(k % records.rows());
    covariances.push_back(variance * static_cast<double>(k + 1) / static_cast<double>(components) *
                          Matrix::Identity(d, d));
  }
  GaussianMixture model({.family = &mixture::find_family(family, d),
                         .components = components,
                         .covariance_floor = 0,
                         .arithmetic = arithmetic},
                        problem.summary, Transform::identity(d), 1);
  const Vector ranks = Vector::LinSpaced(components, 1, 2);
  model.set_parameters(ranks / ranks.sum(), means, covariances);
  model.prepare(0);
  return model;
}

/// Overlapping groups, so that EM takes its time.
RowMatrix groups(Index records, double separation) {
  RowMatrix rows = test::normal_records(records, 3, 21);
  for (Index n = 0; n < records; ++n) {
    rows.row(n) *= 1 + static_cast<double>(n % 3) / 4;
    rows(n, n % 3) += separation * static_cast<double>(n % 3);
  }
  return rows;
}

struct Ended {
  GaussianMixture model;
  FitResult result;
};

Ended fitted(const test::Problem& problem, const DenseShard& shard, const gmm::Settings& settings,
             const Stopping& stopping) {
  GaussianMixture model(settings, problem.summary, shard.transform(), 1);
  const RowMatrix means = shard.transform().to_internal(
      problem.shard.transform().to_original(test::normal_records(settings.components, 3, 22)));
  model.set_parameters(Vector::Constant(settings.components, 1.0 / static_cast<double>(settings.components)),
                       means, {Matrix::Identity(3, 3)});
  const FitResult result = fit(model, shard, kSerial, {.stopping = stopping});
  return {model, result};
}

bool is_rough(GaussianMixture model) {
  return !model.monotone();
}

}  // namespace

TEST_CASE("Products of floats are those of doubles, to rounding") {
  Stream stream(3, Purpose::display, 0);
  const auto make = [&](Index count) {
    AlignedVector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(stream.normal());
    return values;
  };
  for (const Index rows : {1, 13, 50}) {
    for (const Index depth : {1, 20, 96}) {
      for (const Index columns : {16, 48, 80}) {
        const auto a = make(rows * depth), scales = make(depth * columns), centres = make(depth * columns);
        AlignedVector<float> product(static_cast<std::size_t>(rows * columns), 1.0f), distances = product;
        simd::add_transposed_product(rows, depth, columns, a.data(), rows, scales.data(), columns,
                                     product.data(), columns);
        simd::add_scaled_distances(rows, depth, columns, a.data(), depth, scales.data(), centres.data(),
                                   columns, distances.data(), columns);
        using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        const RowMatrix turned = Eigen::Map<const Floats>(a.data(), depth, rows).cast<double>();
        const RowMatrix wide = Eigen::Map<const Floats>(a.data(), rows, depth).cast<double>();
        const RowMatrix s = Eigen::Map<const Floats>(scales.data(), depth, columns).cast<double>();
        const RowMatrix m = Eigen::Map<const Floats>(centres.data(), depth, columns).cast<double>();
        const RowMatrix expected = (turned.transpose() * s).array() + 1;
        for (Index r = 0; r < rows; ++r) {
          for (Index c = 0; c < columns; ++c) {
            const auto i = static_cast<std::size_t>(r * columns + c);
            const double distance =
                1 + (wide.row(r).transpose().cwiseProduct(s.col(c)) - m.col(c)).squaredNorm();
            REQUIRE(std::abs(product[i] - expected(r, c)) < 1e-4);
            REQUIRE(std::abs(distances[i] - distance) < 1e-5 * distance);
          }
        }
      }
    }
  }
}

TEST_CASE("Responsibilities of floats are those of doubles, to rounding") {
  for (const Index stride : {16, 48}) {
    const Index rows = 37;
    const RowMatrix joint = 30 * test::normal_records(rows, stride, 23);
    AlignedVector<float> narrow(static_cast<std::size_t>(rows * stride));
    for (Index i = 0; i < rows * stride; ++i)
      narrow[static_cast<std::size_t>(i)] = static_cast<float>(-2 * joint.data()[i]);
    AlignedVector<double> found(48);
    mixture::normalise(rows, stride, -0.5, narrow.data(), found.data());
    Matrix expected = joint;
    Eigen::ArrayXd log_density;
    mixture::normalise(expected, log_density);
    for (Index n = 0; n < rows; ++n) {
      REQUIRE(found[static_cast<std::size_t>(n)] == Approx(log_density[n]).epsilon(1e-6));
      for (Index k = 0; k < stride; ++k)
        REQUIRE(std::abs(narrow[static_cast<std::size_t>(n * stride + k)] - expected(n, k)) < 1e-5);
    }
  }
}

TEST_CASE("Components of no density in float32 leave nothing that is not a number") {
  AlignedVector<float> scores(16, std::numeric_limits<float>::infinity());
  scores[3] = 1e30f, scores[4] = 2e30f;
  AlignedVector<double> log_density(16);
  mixture::normalise(1, 16, -0.5, scores.data(), log_density.data());
  CHECK(scores[3] == 1.0f);
  CHECK(log_density[0] == Approx(-5e29));
  for (std::size_t k = 0; k < 16; ++k) CHECK((k == 3 || (scores[k] > 0 && scores[k] < 1e-34f)));
}

TEST_CASE("A local step in float32 gives the sums of one in float64, to rounding") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  for (const Shape& shape : kShapes) {
    INFO(family << ", N = " << shape.records << ", D = " << shape.features << ", K = " << shape.components);
    RowMatrix records = test::normal_records(shape.records, shape.features, 7);
    std::vector<double> weights(static_cast<std::size_t>(shape.records), 1.5);
    for (std::size_t n = 3; n < weights.size(); n += 4) weights[n] = n % 8 == 3 ? 0 : 0.25;
    const test::Problem problem(records, kSerial, weights);
    for (Index n = 3; n < shape.records; n += 8) records.row(n).setConstant(1e100);
    const test::Problem with_absent(records, kSerial, weights);
    const auto sums_of = [&](Arithmetic arithmetic) {
      const GaussianMixture model = mixture_of(problem, records.topRows(std::min<Index>(3, shape.records)),
                                               family, shape.components, arithmetic);
      return test::pass(model, with_absent.shard);
    };
    mixture::GaussianSums exact = sums_of(Arithmetic::float64), rough = sums_of(Arithmetic::float32);
    CHECK(rough.weight() == exact.weight());
    CHECK(rough.records() == exact.records());
    CHECK(rough.objective() == Approx(exact.objective()).epsilon(1e-6));
    const Matrix error = rough.moments() - exact.moments();
    const double size = exact.moments().cwiseAbs().maxCoeff();
    CHECK(error.cwiseAbs().maxCoeff() < 1e-5 * size);
    CHECK(rough.pooled() == exact.pooled());
    if (shape.records > 10) CHECK(rough.moments() != exact.moments());
  }
}

TEST_CASE("Weights beyond a float, and components beyond its squares, leave nothing that is not a number") {
  const RowMatrix records = test::normal_records(200, 3, 34);
  std::vector<double> weights(200, 3.0), heavy = weights;
  for (double& weight : heavy) weight *= 0x1p200;
  const test::Problem light_problem(records, kSerial, weights), heavy_problem(records, kSerial, heavy);
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const GaussianMixture light = mixture_of(light_problem, records, family, 4, Arithmetic::float32);
  const GaussianMixture heavier = mixture_of(heavy_problem, records, family, 4, Arithmetic::float32);
  const mixture::GaussianSums expected = test::pass(light, light_problem.shard);
  const mixture::GaussianSums found = test::pass(heavier, heavy_problem.shard);
  CHECK(found.moments() == 0x1p200 * expected.moments());
  CHECK(found.objective() == 0x1p200 * expected.objective());

  GaussianMixture far = light;
  far.set_parameters(far.weights(), 1e25 * light.means(), {Matrix::Identity(3, 3)});
  far.prepare(0);
  CHECK(std::isfinite(test::pass(far, light_problem.shard).objective()));
}

TEST_CASE("A fit of float32 ends where one of float64 does, with all its digits", "[long]") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double separation = GENERATE(2.5, 5.0);
  INFO(family << ", separation " << separation);
  const test::Problem problem(groups(3000, separation), kSerial, {}, 512);
  gmm::Settings settings{.family = &mixture::find_family(family, 3), .components = 3};
  const DenseShard shard = problem.in(settings.family->scaling);
  const Stopping stopping{.max_iterations = 20'000, .parameter_change = 1e-12, .strict = true};
  const Ended exact = fitted(problem, shard, settings, stopping);
  settings.arithmetic = Arithmetic::float32;
  const Ended ended = fitted(problem, shard, settings, stopping);
  CHECK_FALSE(is_rough(ended.model));
  CHECK(ended.result.stopped == StopReason::parameter_tolerance);
  CHECK(ended.result.progress.objectives[5] != exact.result.progress.objectives[5]);
  CHECK(ended.result.progress.objective() == Approx(exact.result.progress.objective()).epsilon(1e-13));
  CHECK((ended.model.weights() - exact.model.weights()).cwiseAbs().maxCoeff() < 1e-8);
  CHECK((ended.model.means() - exact.model.means()).cwiseAbs().maxCoeff() < 1e-8);
  CHECK((ended.model.covariances().values - exact.model.covariances().values).cwiseAbs().maxCoeff() < 1e-8);
  CHECK(ended.result.progress.falls == 0);
  CHECK(ended.result.progress.repairs.empty());
}

TEST_CASE("A loose tolerance does not end a fit in float32, but a limit does") {
  const test::Problem problem(groups(2000, 2.5), kSerial);
  const gmm::Settings settings{
      .family = &mixture::find_family("VVI", 3), .components = 3, .arithmetic = Arithmetic::float32};
  const DenseShard shard = problem.in(settings.family->scaling);
  const Ended loose = fitted(problem, shard, settings, {.gain_per_weight = 1.0, .parameter_change = 10});
  CHECK_FALSE(is_rough(loose.model));
  CHECK(loose.result.progress.t > 5);
  CHECK(is_rough(fitted(problem, shard, settings, {.max_iterations = 2}).model));
}

TEST_CASE("Components that are too narrow for float32 are left to float64") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const RowMatrix records = test::normal_records(200, 3, 31);
  const test::Problem problem(records, kSerial);
  for (const double variance : {1e-3, 1e-6, 1e-12}) {
    INFO(family << ", variance " << variance);
    const GaussianMixture exact = mixture_of(problem, records, family, 4, Arithmetic::float64, variance);
    GaussianMixture rough = mixture_of(problem, records, family, 4, Arithmetic::float32, variance);
    const mixture::GaussianSums expected = test::pass(exact, problem.shard),
                                found = test::pass(rough, problem.shard);
    const bool same = std::equal(found.flat().begin(), found.flat().end(), expected.flat().begin());
    CHECK(same == (variance < 1e-4));
  }
}

TEST_CASE("A component that narrows down from float32 has its variance from float64") {
  // Half of the records are equal to five digits, far from the others.
  const auto family = GENERATE(as<const char*>(), "VVI", "VII");
  RowMatrix records = test::normal_records(400, 3, 32);
  records.topRows(200) *= 1e-5;
  records.topRows(200).array() += 30;
  const test::Problem problem(records, kSerial);
  const gmm::Settings settings{.family = &mixture::find_family(family, 3),
                               .components = 2,
                               .covariance_floor = 0,
                               .arithmetic = Arithmetic::float32};
  const DenseShard shard = problem.in(settings.family->scaling);
  GaussianMixture model(settings, problem.summary, shard.transform(), 1);
  const RowMatrix means = (RowMatrix(2, 3) << RowVector::Constant(3, 29), RowVector::Zero(3)).finished();
  const Vector scale = shard.transform().scale;
  model.set_parameters(Vector::Constant(2, 0.5), shard.transform().to_internal(means),
                       {Matrix(scale.cwiseAbs2().asDiagonal())});
  const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = 10, .strict = true}});
  CHECK_FALSE(is_rough(model));
  CHECK(result.progress.repairs.empty());
  const Vector sd = model.covariances().variances(0).cwiseSqrt().cwiseQuotient(scale);
  CHECK(sd.minCoeff() > 0.8e-5);
  CHECK(sd.maxCoeff() < 1.2e-5);
}

TEST_CASE("A repair ends float32") {
  const RowMatrix records = test::normal_records(300, 2, 33);
  const test::Problem problem(records, kSerial);
  GaussianMixture model = mixture_of(problem, records, "VVI", 3, Arithmetic::float32);
  RowMatrix means = model.means();
  means.row(2).setConstant(1e3);  // no record is near
  model.set_parameters(model.weights(), means, {Matrix::Identity(2, 2)});
  model.prepare(0);
  CHECK(is_rough(model));
  const Change change = model.global_step(test::pass(model, problem.shard), 0);
  CHECK(change.repairs.size() == 1);
  CHECK(change.provisional);
  CHECK_FALSE(is_rough(model));
  model.prepare(1);
  CHECK(std::isfinite(test::pass(model, problem.shard).objective()));
}

TEST_CASE("A fixed variance too narrow for float32 is fitted in float64 throughout") {
  const test::Problem problem(groups(300, 2.5), kSerial);
  gmm::Settings settings{.family = &mixture::find_family("EII", 3), .components = 3, .fixed_variance = 1e-6};
  const DenseShard shard = problem.in(settings.family->scaling);
  const Stopping stopping{.max_iterations = 5};
  const Ended exact = fitted(problem, shard, settings, stopping);
  settings.arithmetic = Arithmetic::float32;
  const Ended rough = fitted(problem, shard, settings, stopping);
  CHECK(rough.model.means() == exact.model.means());
  CHECK(rough.result.progress.objectives == exact.result.progress.objectives);
}

TEST_CASE("Full and tied covariances are in float64 whatever is asked") {
  for (const char* const family : {"VVV", "EEE"}) {
    const GaussianMixture model(
        {.family = &mixture::find_family(family, 2), .components = 2, .arithmetic = Arithmetic::float32},
        unit_summary(2), Transform::identity(2), 1);
    CHECK_FALSE(is_rough(model));
  }
}
