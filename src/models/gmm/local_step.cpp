#include <algorithm>

#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/mixture/softmax.hpp"

namespace jensen::gmm {
namespace {

constexpr Index kTileRows = 128;  // quadratic features of a tile stay in the second-level cache

template <class Visit>
void for_each_tile(const DenseBlock& block, Visit visit) {
  for (Index begin = 0; begin < block.rows(); begin += kTileRows) {
    visit(begin, std::min(kTileRows, block.rows() - begin));
  }
}

Eigen::ArrayXd weights_of(const DenseBlock& block, Index begin, Index rows) {
  if (block.weights.empty()) return Eigen::ArrayXd::Ones(rows);
  return Eigen::Map<const Eigen::ArrayXd>(block.weights.data() + begin, rows);
}

/// With the weights of the tile. Records of weight 0 are absent: they stand at the origin, lest they
/// overflow.
template <class Visit>
void for_each_weighted_tile(const DenseBlock& block, Visit visit) {
  Matrix present;
  for_each_tile(block, [&](Index begin, Index rows) {
    const Eigen::Ref<const Matrix> z = block.records.middleRows(begin, rows);
    const Eigen::ArrayXd weights = weights_of(block, begin, rows);
    if ((weights > 0).all()) return visit(begin, z, weights);
    present = z;
    for (Index n = 0; n < rows; ++n) {
      if (!(weights[n] > 0)) present.row(n).setZero();
    }
    visit(begin, present, weights);
  });
}

/// sum_d ((y_d - centre_d) scale_d)^2, one record a row: no cancellation.
template <class Centre, class Scale>
void add_scaled_distance(const Eigen::Ref<const Matrix>& y, const Centre& centre, const Scale& scale,
                         Eigen::ArrayXd& distance) {
  for (Index d = 0; d < y.cols(); ++d) distance += ((y.col(d).array() - centre[d]) * scale(d)).square();
}

}  // namespace

Sums GaussianMixture::make_sums() const {
  return Sums({components(), features(), family().component, family().pooled});
}

void GaussianMixture::fill_features(const Tile& z, Matrix& phi) const {
  const Index quadratic = quadratic_size(family().component, features());
  phi.resize(z.rows(), quadratic + features() + 1);
  quadratic_features(family().component, z, phi.leftCols(quadratic));
  phi.middleCols(quadratic, features()) = z;
  phi.rightCols(1).setOnes();
}

void GaussianMixture::log_joint_tile(const Tile& z, Matrix& phi, Eigen::Ref<Matrix> out) const {
  const Quadratic form = family().form();
  Eigen::ArrayXd distance(z.rows());
  if (form != Quadratic::packed) {
    for (Index k = 0; k < components(); ++k) {
      const auto& inverse_sd = whitening_[static_cast<std::size_t>(covariances_.column(k))];
      distance.setZero();
      add_scaled_distance(
          z, means_.row(k), [&](Index d) { return inverse_sd(d, 0); }, distance);
      out.col(k) = log_constant_[k] - 0.5 * distance;
    }
    return;
  }
  if (family().shared() && centred_[0] == 0) {  // whiten the records once for all components
    const Matrix y = z * whitening_[0].transpose();
    const RowMatrix centres = means_ * whitening_[0].transpose();
    for (Index k = 0; k < components(); ++k) {
      distance.setZero();
      add_scaled_distance(
          y, centres.row(k), [](Index) { return 1.0; }, distance);
      out.col(k) = log_constant_[k] - 0.5 * distance;
    }
    return;
  }
  if (!family().shared()) {
    fill_features(z, phi);
    out.noalias() = phi * theta_;
  }
  for (Index k = 0; k < components(); ++k) {
    if (centred_[static_cast<std::size_t>(k)] == 0) continue;
    const Matrix& whitening = whitening_[static_cast<std::size_t>(covariances_.column(k))];
    const Matrix y = (z.rowwise() - means_.row(k)) * whitening.transpose();
    out.col(k) = log_constant_[k] - 0.5 * y.rowwise().squaredNorm().array();
  }
}

/// `r` holds weighted responsibilities and is used up. `phi` holds the features of the tile.
void GaussianMixture::add_moments_tile(const Tile& z, const Matrix& phi, Eigen::Ref<Matrix> r,
                                       const Eigen::ArrayXd& record_weights, Sums& sums) const {
  const Index quadratic = quadratic_size(family().component, features());
  auto moments = sums.moments();
  auto pooled = sums.pooled();
  const bool all_centred = family().shared() && centred_[0] != 0;
  for (Index k = 0; k < components(); ++k) {
    if (centred_[static_cast<std::size_t>(k)] == 0) continue;
    const Eigen::ArrayXd share = r.col(k);
    const Matrix centred = z.rowwise() - means_.row(k);
    add_second_moments(family().component, centred, share, moments.col(k).head(quadratic));
    add_second_moments(family().pooled, centred, share, pooled);
    moments.col(k).segment(quadratic, features()) += centred.transpose() * share.matrix();
    moments(moments.rows() - 1, k) += share.sum();
    r.col(k).setZero();
  }
  moments.noalias() += phi.transpose() * r;
  if (!all_centred) add_second_moments(family().pooled, z, record_weights, pooled);
}

void GaussianMixture::local_step(const Block& block, Cache&, Sums& sums) const {
  Matrix phi, r;
  Eigen::ArrayXd log_density;
  for_each_weighted_tile(block, [&](Index, const Tile& z, const Eigen::ArrayXd& weights) {
    r.resize(z.rows(), components());
    log_joint_tile(z, phi, r);
    mixture::normalise(r, log_density);
    sums.objective() += (weights * log_density).sum();
    sums.magnitude() += (weights * log_density.abs()).sum();
    sums.weight() += weights.sum();
    r.array().colwise() *= weights;
    sums.magnitude() += r.colwise().sum() * cancellation_;
    if (family().form() != Quadratic::packed || family().shared()) fill_features(z, phi);
    add_moments_tile(z, phi, r, weights, sums);
  });
  sums.records() += static_cast<double>(block.rows());
}

void GaussianMixture::add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const {
  Matrix phi;
  for_each_weighted_tile(block, [&](Index begin, const Tile& z, const Eigen::ArrayXd& weights) {
    Matrix r = responsibilities.middleRows(begin, z.rows()).array().colwise() * weights;
    sums.weight() += weights.sum();
    fill_features(z, phi);
    add_moments_tile(z, phi, r, weights, sums);
  });
  sums.records() += static_cast<double>(block.rows());
}

Matrix GaussianMixture::log_joint(const Block& block) const {
  Matrix joint(block.rows(), components()), phi;
  for_each_tile(block, [&](Index begin, Index rows) {
    log_joint_tile(block.records.middleRows(begin, rows), phi, joint.middleRows(begin, rows));
  });
  return joint;
}

void GaussianMixture::responsibilities(const Block& block, Matrix& r, Eigen::ArrayXd& log_density) const {
  r.resize(block.rows(), components());
  log_density.resize(block.rows());
  Matrix phi, tile;
  Eigen::ArrayXd tile_density;
  for_each_tile(block, [&](Index begin, Index rows) {
    tile.resize(rows, components());
    log_joint_tile(block.records.middleRows(begin, rows), phi, tile);
    mixture::normalise(tile, tile_density);
    r.middleRows(begin, rows) = tile;
    log_density.segment(begin, rows) = tile_density;
  });
}

}  // namespace jensen::gmm
