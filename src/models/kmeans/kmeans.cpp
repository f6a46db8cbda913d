#include "jensen/models/kmeans/kmeans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "jensen/core/random.hpp"

namespace jensen::kmeans {
namespace {

constexpr Index kTileRows = 256;
constexpr double kRevivalStep =
    0x1p-7;  // sds from the donor: near, so that the new border halves its cluster

bool has_common_scale(const Transform& transform) {
  return (transform.scale.array() == transform.scale[0]).all();
}

}  // namespace

KMeans::KMeans(Index clusters, const FeatureSummary& summary, const Transform& transform, std::uint64_t seed)
    : centroids_(RowMatrix::Zero(clusters, summary.features())),
      half_norms_(Vector::Zero(clusters)),
      sd_((summary.variance.array().sqrt() * transform.scale.array()).matrix()),
      scale_(has_common_scale(transform) ? transform.scale[0] : 1.0),
      unit_(has_common_scale(transform) ? "squared units of the data" : "squared sds of the features"),
      seed_(static_cast<Index>(seed)) {}

void KMeans::prepare(Index) {
  half_norms_ = 0.5 * centroids_.rowwise().squaredNorm();
}

void KMeans::assign(const Block& block, std::vector<Index>& labels) const {
  // argmin |z - c|^2 = argmin |c|^2 / 2 - z.c : one matrix product a tile
  labels.resize(static_cast<std::size_t>(block.rows()));
  Matrix scores;  // B x K
  Eigen::ArrayXd best;
  for (Index begin = 0; begin < block.rows(); begin += kTileRows) {
    const Index rows = std::min(kTileRows, block.rows() - begin);
    scores.noalias() = block.records.middleRows(begin, rows) * centroids_.transpose();
    best.setConstant(rows, std::numeric_limits<double>::infinity());
    Index* const label = labels.data() + begin;
    for (Index k = 0; k < components(); ++k) {
      const double* const score = scores.col(k).data();
      for (Index row = 0; row < rows; ++row) {
        const double distance = half_norms_[k] - score[row];
        const bool nearer = distance < best[row];
        best[row] = nearer ? distance : best[row];
        label[row] = nearer ? k : label[row];
      }
    }
  }
}

void KMeans::local_step(const Block& block, Cache&, Sums& sums) const {
  std::vector<Index> labels;
  assign(block, labels);
  auto first = sums.first();
  auto sizes = sums.sizes();
  auto squares = sums.squares();
  RowVector record(features());
  for (Index row = 0; row < block.rows(); ++row) {
    const double weight = block.weight(row);
    if (!(weight > 0)) continue;  // absent: its square may not even fit a double
    const Index k = labels[static_cast<std::size_t>(row)];
    record = block.records.row(row);
    const double square = weight * record.squaredNorm();
    first.row(k) += weight * record;
    squares[k] += square;
    sizes[k] += weight;
    sums.weight() += weight;
    sums.magnitude() += square;
  }
  sums.records() += static_cast<double>(block.rows());
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
