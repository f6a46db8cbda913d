#include "jensen/models/kmeans/hard_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "jensen/data/tiles.hpp"

namespace jensen::kmeans {
namespace {

constexpr double kLeastVariance = 1e-6;  // in mean variances: the covariance floor of mixtures

}  // namespace

HardMixture::HardMixture(Index clusters, const FeatureSummary& summary, const Transform& transform,
                         std::uint64_t seed, const Settings& settings, double fixed_variance)
    : KMeans(clusters, summary, transform, seed, settings),
      is_fixed_(fixed_variance > 0),
      variance_(is_fixed_ ? fixed_variance : mean_variance()) {}

/// Of the features, in the unit of the inertia; not 0, though all records be equal.
double HardMixture::mean_variance() const {
  const double variance = std::abs(units().factor) * sd().squaredNorm() / static_cast<double>(features());
  return variance > 0 ? variance : 1;
}

Change HardMixture::global_step(const Sums& total, Index t) {
  const Change change = KMeans::global_step(total, t);
  if (is_fixed_) return change;
  const double inertia = units().reported(objective(total), 0);  // of the old labels, about the new centroids
  variance_ = std::max(inertia / (total.weight() * static_cast<double>(features())),
                       kLeastVariance * mean_variance());
  return change;
}

void HardMixture::describe(Archive& archive) {
  KMeans::describe(archive);
  archive("variance", variance_);
}

Matrix HardMixture::log_joint(const Block& block) const {
  constexpr Index kRows = 64;
  const Index d = features(), stride = (d + 7) / 8 * 8;
  const TileReader reader(block);
  const auto records = make_scratch(static_cast<std::size_t>(kRows * stride));
  const double unit = std::abs(units().factor);
  const double constant = -0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi * variance_) -
                          std::log(static_cast<double>(components()));
  Matrix joint(block.rows(), components());
  for (Index first = 0; first < block.rows(); first += kRows) {
    const Index count = std::min(kRows, block.rows() - first);
    reader.copy(first, count, records.get(), stride);
    for (Index n = 0; n < count; ++n) {
      const Eigen::Map<const RowVector> record(records.get() + n * stride, d);
      for (Index k = 0; k < components(); ++k) {
        const double squared = unit * (record - centroids().row(k)).squaredNorm();
        joint(first + n, k) = constant - 0.5 * squared / variance_;
      }
    }
  }
  return joint;
}

}  // namespace jensen::kmeans
