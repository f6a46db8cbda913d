#include <Eigen/Cholesky>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/random.hpp"
#include "jensen/models/gmm/method.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::GaussianMixture;
using gmm::Sampler;

namespace {

const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

/// Two components with given weights in three features, in internal coordinates.
GaussianMixture model_of(const char* family, const Vector& weights) {
  constexpr Index kFeatures = 3;
  const Vector ones = Vector::Ones(kFeatures);
  const FeatureSummary unit{
      .total_weight = 1, .mean = ones, .variance = ones, .minimum = ones, .maximum = ones};
  const gmm::Settings settings{.family = &mixture::find_family(family, kFeatures),
                               .components = weights.size()};
  GaussianMixture model(settings, unit, Transform::identity(kFeatures), 1);
  std::vector<Matrix> covariances;
  for (Index k = 0; k < weights.size(); ++k)
    covariances.push_back(test::random_covariance(kFeatures, 10, 5 + static_cast<std::uint64_t>(k)));
  model.set_parameters(weights, test::normal_records(weights.size(), kFeatures, 3), covariances);
  return model;
}

}  // namespace

TEST_CASE("A drawn record is the mean plus the covariance's root times normal numbers, in the data's units") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  const GaussianMixture model = model_of(family, Eigen::Vector2d(.4, .6));
  const Transform transform{Eigen::Vector3d(1e3, -5, 0), Eigen::Vector3d(.25, 2, 1)};
  const Sampler sampler(model, transform, 8);
  Vector x(3);
  for (Index record = 0; record < 50; ++record) {
    const Index k = sampler.draw(record, {x.data(), 3});
    Stream stream(8, Purpose::sampling, record);
    CHECK(k == (stream.uniform() < model.weights()[0] ? 0 : 1));
    Vector normal(3);
    for (double& value : normal) value = stream.normal();
    const Matrix sigma = model.covariances().dense(model.covariances().column(k));
    const Eigen::LLT<Matrix> cholesky(sigma);
    const Vector z = model.means().row(k).transpose() + cholesky.matrixL() * normal;
    const Vector expected = z.cwiseQuotient(transform.scale) + transform.shift;
    CHECK((x - expected).cwiseAbs().maxCoeff() <= 1e-12 * transform.shift.cwiseAbs().maxCoeff());
  }
}

TEST_CASE("A component of weight 0 is never drawn, and rounding of the weights leaves no gap") {
  const GaussianMixture model = model_of("VVV", Eigen::Vector4d(0, .3, .7 - 1e-9, 0));
  const Sampler sampler(model, Transform::identity(3), 1);
  std::array<Index, 4> counts = {};
  std::array<double, 3> x = {};
  for (Index record = 0; record < 10000; ++record)
    ++counts[static_cast<std::size_t>(sampler.draw(record, x))];
  CHECK(counts[0] == 0);
  CHECK(counts[3] == 0);
  CHECK(std::abs(static_cast<double>(counts[1]) - 3000) < 5 * std::sqrt(10000 * .3 * .7));
}
