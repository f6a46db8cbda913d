#include "jensen/models/mixture/density.hpp"

#include <algorithm>

#include "jensen/core/simd.hpp"

namespace jensen::mixture {
namespace {

GaussianComponents components_of(const Parameters& parameters, const Transform& transform) {
  const Covariances& covariances = parameters.covariances;
  GaussianComponents components;
  const RowMatrix means = transform.to_original(parameters.means);
  const Index count = (parameters.weights.array() > 0).count();
  components.weights.resize(count);
  components.means.resize(parameters.features(), count);
  for (Index k = 0, i = 0; k < parameters.components(); ++k) {
    if (!(parameters.weights[k] > 0)) continue;
    components.weights[i] = parameters.weights[k];
    components.means.col(i++) = means.row(k).transpose();
    if (covariances.column(k) < k && !components.roots.empty()) continue;  // shared by all
    components.roots.emplace_back(covariances.dense_in_units(transform, covariances.column(k)),
                                  "a covariance");
  }
  return components;
}

double fewest_degrees_of(const Vector& weights, const Tails& tails) {
  double fewest = std::numeric_limits<double>::infinity();
  for (Index k = 0; k < tails.degrees.size(); ++k) {
    if (weights[k] > 0) fewest = std::min(fewest, tails.degrees[k]);
  }
  return fewest;
}

}  // namespace

void LogDensity::evaluate(const Eigen::Ref<const RowMatrix>& records, AlignedVector<double>& buffer,
                          Eigen::ArrayXd& log_density) const {
  const Index rows = records.rows();
  buffer.resize(
      static_cast<std::size_t>(rows * features() + simd::kLanes<double>));  // vectors may reach beyond
  Eigen::Map<RowMatrix, Eigen::Aligned64> prepared(buffer.data(), rows, features());
  prepared = (records.rowwise() - transform.shift.transpose()).array().rowwise() *
             transform.scale.transpose().array();
  of_block({.records = RowMatrixView(buffer.data(), rows, features())}, log_density);
}

Density make_density(const Parameters& parameters, const Transform& transform, const Tails& tails,
                     std::uint64_t seed, std::function<void(const DenseBlock&, Eigen::ArrayXd&)> of_block) {
  return {
      .log_density = {transform, std::move(of_block)},
      .sampler = Sampler(parameters, transform, seed, tails, Purpose::pairs),
      .fewest_degrees = fewest_degrees_of(parameters.weights, tails),
      .gaussians = tails.degrees.size() > 0 ? GaussianComponents() : components_of(parameters, transform)};
}

}  // namespace jensen::mixture
