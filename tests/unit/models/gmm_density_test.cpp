#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"
#include "unit/models/dense_gaussian.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
const double kEps = std::numeric_limits<double>::epsilon();
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

GaussianMixture model_of(const test::Problem& problem, const char* family, double expansion_limit,
                         const Vector& weights, const RowMatrix& means,
                         const std::vector<Matrix>& covariances) {
  const gmm::Settings settings{.family = &mixture::find_family(family, means.cols()),
                               .components = means.rows(),
                               .covariance_floor = 0,
                               .expansion_limit = expansion_limit};
  GaussianMixture model(settings, problem.summary, Transform::identity(means.cols()), 1);
  model.set_parameters(weights, means, covariances);
  model.prepare(0);
  return model;
}

}  // namespace

TEST_CASE("Log joint densities are those of a dense calculation, on both paths, for all families") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const Index d = GENERATE(1, 2, 5, 9);
  const double limit = GENERATE(0.0, 4e6);
  INFO(family << ", D = " << d << ", expansion limit " << limit);
  const RowMatrix rows = 2 * test::normal_records(300, d, 51);
  const test::Problem problem(rows, kSerial);
  std::vector<Matrix> covariances;
  for (std::uint64_t k = 0; k < 3; ++k) covariances.push_back(test::random_covariance(d, 30, 60 + k));
  const GaussianMixture model = model_of(problem, family, limit, Eigen::Vector3d(.2, .5, .3),
                                         test::normal_records(3, d, 52), covariances);
  const test::WholeBlock block(problem.shard);
  CHECK(test::largest_error(model, *block) < (limit == 0 ? 2e-14 : 2e-12));
  Matrix r;
  Eigen::ArrayXd log_density;
  model.responsibilities(*block, r, log_density);
  CHECK((r.rowwise().sum().array() - 1).abs().maxCoeff() < 4 * kEps);
  CHECK(r.minCoeff() >= 0);
  const test::LongVector exact = test::dense_log_density(test::dense_log_joint(model, block->records));
  for (Index n = 0; n < 300; ++n) {
    CHECK(log_density[n] == Approx(static_cast<double>(exact[n])).epsilon(2e-12).margin(2e-12));
  }
}

TEST_CASE("Narrow and far components keep the digits that the expansion would lose") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI");
  const double condition = GENERATE(1e2, 1e6, 1e10);
  const double offset = GENERATE(1.0, 1e3, 1e6);
  INFO(family << ", condition " << condition << ", offset " << offset);
  RowMatrix means(2, 4);
  means << RowMatrix::Constant(1, 4, -offset), RowMatrix::Constant(1, 4, offset);
  std::vector<Matrix> covariances = {test::random_covariance(4, condition, 71),
                                     test::random_covariance(4, condition, 72)};
  if (std::string(family) == "EEE") covariances.pop_back();
  RowMatrix rows =
      test::draw({Eigen::Vector2d(.5, .5), means, {covariances[0], covariances.back()}}, 400, 73).records;
  const test::Problem problem(rows, kSerial);
  const Vector half = Eigen::Vector2d(.5, .5);
  const GaussianMixture model = model_of(problem, family, 4e6, half, means, covariances);
  const test::WholeBlock block(problem.shard);
  const test::LongMatrix exact = test::dense_log_joint(model, block->records);
  const Matrix joint = model.log_joint(*block);
  double worst = 0;  // at the record's own component
  for (Index n = 0; n < 400; ++n) {
    Index k = 0;
    exact.row(n).maxCoeff(&k);
    worst = std::max(worst, static_cast<double>(std::abs(joint(n, k) - exact(n, k))));
  }
  // Expanded up to 4e6: 2^-52 * 4e6 = 1e-9 nats. Beyond, what rounding of the records' coordinates costs:
  // eps * |z| * sqrt(condition) sds, times the distance; and the covariance's own rounding: eps * condition.
  CHECK(worst < 1e-9 + 64 * kEps * offset * std::sqrt(condition) + kEps * condition);
  CHECK(test::largest_error(model, *block) < 1e-9 + kEps * condition);
}

TEST_CASE("The guard acts where it must: a component a million sds away") {
  RowMatrix means(2, 3), rows(400, 3);
  means << RowMatrix::Zero(1, 3), RowMatrix::Constant(1, 3, 1);
  const Matrix narrow = 1e-12 * Matrix::Identity(3, 3);
  rows = test::draw({Eigen::Vector2d(.5, .5), means, {narrow, narrow}}, 400, 74).records;
  const test::Problem problem(rows, kSerial);
  const test::WholeBlock block(problem.shard);
  const GaussianMixture guarded =
      model_of(problem, "VVV", 4e6, Eigen::Vector2d(.5, .5), means, {narrow, narrow});
  const GaussianMixture expanded =
      model_of(problem, "VVV", 1e300, Eigen::Vector2d(.5, .5), means, {narrow, narrow});
  CHECK(test::largest_error(guarded, *block) < 1e-14);
  CHECK(test::largest_error(expanded, *block) > 1e-7);  // or the case would prove nothing
}

TEST_CASE("Records out of all reach have finite densities, and responsibilities that sum to one") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  const RowMatrix rows = test::normal_records(200, 3, 81);
  const test::Problem problem(rows, kSerial);
  std::vector<Matrix> covariances;
  for (std::uint64_t k = 0; k < 2; ++k) covariances.push_back(test::random_covariance(3, 10, 82 + k));
  const GaussianMixture model =
      model_of(problem, family, 4e6, Eigen::Vector2d(.5, .5), test::normal_records(2, 3, 84), covariances);
  RowMatrix far(4, 3);
  far << 1e10, 0, 0, -1e10, 1e10, 1e10, 1e100, 0, -1e100, 0, 0, 1e150;
  const DenseShard shard = make_serial_shard(far);
  Matrix r;
  Eigen::ArrayXd log_density;
  model.responsibilities(*test::WholeBlock(shard), r, log_density);
  CHECK(log_density.isFinite().all());
  CHECK((log_density < -1e19).all());
  CHECK((r.rowwise().sum().array() - 1).abs().maxCoeff() < 4 * kEps);
}

TEST_CASE("The fused local step and its two halves give the same bits") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double limit = GENERATE(0.0, 4e6);
  const bool weighted = GENERATE(false, true);
  INFO(family << ", expansion limit " << limit << ", weighted " << weighted);
  const RowMatrix rows = test::normal_records(333, 4, 91);
  std::vector<double> weights(333);
  for (std::size_t n = 0; n < 333; ++n) weights[n] = 0.5 * static_cast<double>(n % 4);
  const test::Problem problem(rows, kSerial,
                              weighted ? std::span<const double>(weights) : std::span<const double>());
  std::vector<Matrix> covariances(3, test::random_covariance(4, 10, 92));
  const GaussianMixture model = model_of(problem, family, limit, Eigen::Vector3d(.2, .3, .5),
                                         test::normal_records(3, 4, 93), covariances);
  const test::WholeBlock block(problem.shard);
  mixture::GaussianSums fused = model.make_sums(), halves = model.make_sums();
  GaussianMixture::Cache cache;
  model.local_step(*block, cache, fused);
  Matrix r;
  Eigen::ArrayXd log_density;
  model.responsibilities(*block, r, log_density);
  model.add_statistics(*block, r, halves);
  CHECK(std::equal(fused.body().begin(), fused.body().end(), halves.body().begin()));
  CHECK(fused.weight() == halves.weight());
  CHECK(fused.records() == halves.records());
  block->apply_weights(log_density);
  CHECK(fused.objective() == Approx(log_density.sum()).epsilon(1e-14));
  CHECK(fused.magnitude() >= log_density.abs().sum() * (1 - 1e-14));
}

TEST_CASE("A record of weight 0 out of all reach changes no bit") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  RowMatrix rows = test::normal_records(60, 2, 94);
  std::vector<double> weights(60, 1.0);
  weights[20] = 0;
  const test::Problem problem(rows, kSerial, weights);
  const GaussianMixture model = model_of(problem, family, 4e6, Eigen::Vector2d(.5, .5),
                                         test::normal_records(2, 2, 95), {Matrix::Identity(2, 2)});
  const mixture::GaussianSums expected = test::pass(model, problem.shard);
  rows.row(20) << 1e200, -1e300;
  const mixture::GaussianSums sums = test::pass(model, test::sharded(rows, kSerial, 0, weights));
  CHECK(std::equal(sums.flat().begin(), sums.flat().end(), expected.flat().begin()));
}
