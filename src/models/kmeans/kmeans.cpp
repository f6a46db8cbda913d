#include "jensen/models/kmeans/kmeans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "jensen/core/random.hpp"
#include "sums.hpp"

namespace jensen::kmeans {
namespace {

// float32 is left when no centroid moves by as much (sds), or after so many steps: rounding might keep
// records that lie halfway going to and fro for ever.
constexpr double kRoughMove = 0x1p-16;
constexpr Index kMostRoughSteps = 256;
constexpr double kRevivalStep =
    0x1p-7;  // sds from the donor: near, so that the new border halves its cluster

bool has_common_scale(const Transform& transform) {
  return (transform.scale.array() == transform.scale[0]).all();
}

}  // namespace

KMeans::KMeans(Index clusters, const FeatureSummary& summary, const Transform& transform, std::uint64_t seed,
               const Settings& settings)
    : centroids_(RowMatrix::Zero(clusters, summary.features())),
      sd_((summary.variance.array().sqrt() * transform.scale.array()).matrix()),
      scale_(has_common_scale(transform) ? transform.scale[0] : 1.0),
      unit_(has_common_scale(transform) ? "squared units of the data" : "squared sds of the features"),
      seed_(static_cast<Index>(seed)),
      rough_(settings.arithmetic == Arithmetic::float32 ? 1 : 0),
      search_(settings.kernel, summary.total_weight) {}

void KMeans::prepare(Index) {
  search_.prepare(centroids_, rough_ != 0 ? Arithmetic::float32 : Arithmetic::float64);
}

void KMeans::assign(const Block& block, std::vector<Index>& labels) const {
  labels.resize(static_cast<std::size_t>(block.rows()));
  kmeans::assign(block, Positions<double>(centroids_), labels);
}

void KMeans::local_step(const Block& block, Cache& cache, Sums& sums) const {
  add_sums(block, search_.update(block, cache), cache, sums);
}

void KMeans::add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const {
  Matrix weighted = responsibilities;
  for (Index k = 0; k < weighted.cols(); ++k) {
    auto column = weighted.col(k).array();
    block.apply_weights(column);
  }
  Eigen::ArrayXd squares = block.records.rowwise().squaredNorm();
  block.apply_weights(squares);
  sums.first() += weighted.transpose() * block.records;
  sums.sizes() += weighted.colwise().sum().transpose();
  sums.squares() += responsibilities.transpose() * squares.matrix();
  sums.weight() += weighted.sum();
  sums.records() += static_cast<double>(block.rows());
  sums.magnitude() += squares.sum();
}

double KMeans::objective(const Sums& total) const {
  double inertia = 0;
  for (Index k = 0; k < components(); ++k) {
    inertia += total.squares()[k] - 2 * centroids_.row(k).dot(total.first().row(k)) +
               total.sizes()[k] * centroids_.row(k).squaredNorm();
  }
  return -std::max(inertia, 0.0);
}

Change KMeans::global_step(const Sums& total, Index t) {
  const RowMatrix before = centroids_;
  Vector inertia(components());  // about the new centroid
  for (Index k = 0; k < components(); ++k) {
    const double size = total.sizes()[k];
    if (size > 0) centroids_.row(k) = total.first().row(k) / size;
    inertia[k] = size > 0 ? std::max(total.squares()[k] - size * centroids_.row(k).squaredNorm(), 0.0)
                          : -1.0;  // no donor
  }
  Change change;
  for (Index k = 0; k < components(); ++k) {
    if (total.sizes()[k] > 0) continue;
    Index donor = 0;
    inertia.maxCoeff(&donor);
    const double spread = inertia[donor] / total.sizes()[donor] / static_cast<double>(features());
    revive(k, donor, std::sqrt(spread), t);
    inertia[donor] /= 2;  // another empty cluster may find a heavier donor
    change.repairs.push_back({k, fmt::format("empty cluster put beside cluster {}", donor)});
  }
  const auto moved = (centroids_ - before).array().abs().rowwise() / sd_.transpose().array().max(1e-300);
  change.largest = moved.maxCoeff();
  if (rough_ != 0) {
    change.provisional = true;
    const bool settled = change.repairs.empty() && change.largest < kRoughMove;
    if (settled || t + 1 >= kMostRoughSteps) rough_ = 0;
  }
  return change;
}

void KMeans::revive(Index empty, Index donor, double donor_sd, Index t) {
  Stream stream(static_cast<std::uint64_t>(seed_), Purpose::repair, t, static_cast<std::uint64_t>(empty));
  RowVector direction(features());
  for (double& coordinate : direction) coordinate = stream.normal();
  centroids_.row(empty) = centroids_.row(donor) + kRevivalStep * donor_sd * direction;
}

void KMeans::describe(Archive& archive) {
  archive("centroids", centroids_);
  archive("sd", sd_);
  archive("scale", scale_);
  archive("seed", seed_);
  archive("rough", rough_);
}

void KMeans::save(const Transform& transform, Document& document) const {
  document.set_attribute("/", "model", std::string("kmeans"));
  document.set_attribute("/fit", "components", components());
  store_transform(transform, document);
  document.set("/parameters/centroids", transform.to_original(centroids_));
}

Vector KMeans::squared_distances(const Block& block, const std::vector<Index>& labels) const {
  Vector squared(block.rows());
  for (Index row = 0; row < block.rows(); ++row) {
    const Index k = labels[static_cast<std::size_t>(row)];
    squared[row] = (block.records.row(row) - centroids_.row(k)).squaredNorm() / (scale_ * scale_);
  }
  return squared;
}

}  // namespace jensen::kmeans
