#include "support/densities.hpp"

#include <numeric>

#include "jensen/core/random.hpp"

namespace test {

using namespace jensen;

GaussianParameters random_mixture(Index components, Index features, Index number, double spread) {
  Stream stream(3, Purpose::canary, number);
  GaussianParameters mixture{Vector(components), RowMatrix(components, features), {}};
  for (double& weight : mixture.weights) weight = 0.2 + stream.uniform();
  mixture.weights /= mixture.weights.sum();
  for (Index k = 0; k < components; ++k) {
    for (Index d = 0; d < features; ++d) mixture.means(k, d) = spread * stream.normal();
    const Matrix a = Matrix::NullaryExpr(features, features, [&] { return stream.normal(); });
    mixture.covariances.emplace_back(0.3 * a * a.transpose() + 0.2 * Matrix::Identity(features, features));
  }
  return mixture;
}

mixture::Density density_of(const GaussianParameters& parameters, const char* family, std::uint64_t seed,
                            const Transform& coordinates) {
  const Index features = parameters.means.cols();
  const Transform transform = coordinates.shift.size() > 0 ? coordinates : Transform::identity(features);
  const gmm::Settings settings{.family = &mixture::find_family(family, features),
                               .components = parameters.weights.size(),
                               .covariance_floor = 0};
  std::vector<Matrix> covariances;
  for (const Matrix& sigma : parameters.covariances)
    covariances.emplace_back(transform.scale.asDiagonal() * sigma * transform.scale.asDiagonal());
  auto model = std::make_shared<gmm::GaussianMixture>(settings, unit_summary(features), transform, 1);
  model->set_parameters(parameters.weights, transform.to_internal(parameters.means), covariances);
  model->prepare(0);
  return gmm::Method::density(std::move(model), transform, seed);
}

}  // namespace test
