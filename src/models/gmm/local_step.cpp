#include <algorithm>
#include <array>

#include "jensen/core/product.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/core/quadratic.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "workspace.hpp"

namespace jensen::gmm {
namespace {

constexpr Index kLanes = simd::kLanes<double>;

/// sums += each of the rows.
void add_rows(Index rows, Index stride, const double* values, double* sums) {
  for (Index n = 0; n < rows; ++n) {
    for (Index k = 0; k < stride; ++k) sums[k] += values[n * stride + k];
  }
}

void multiply_row(double* row, Index count, double factor) {
  for (Index k = 0; k < count; ++k) row[k] *= factor;
}

}  // namespace

Sums GaussianMixture::make_sums() const {
  return Sums({components(), features(), family().component, family().pooled});
}

/// Scores of the tile's records: factor() * score is the log joint density.
void GaussianMixture::score_tile(Workspace& work) const {
  const TimedPhase timed(Phase::products);
  if (kernel() == Kernel::expanded && !all_centred_) {
    score_expanded(work);
  } else {
    const mixture::RecordTile& tile = work.tile;
    const Index rows = tile.rows(), stride = padded_components();
    double* const scores = work.scores.get();
    for (Index n = 0; n < rows; ++n) std::copy_n(first_scores_.data(), stride, scores + n * stride);
    if (kernel() == Kernel::scaled) return add_distances(rows, tile.row(0), tile.row_stride(), scores);
    if (!all_centred_) add_distances(rows, whiten(work), simd::padded<double>(features()), scores);
  }
  for (Index k = 0; k < components(); ++k) {
    if (is_centred(k)) score_centred(k, work);
  }
}

void GaussianMixture::score_expanded(Workspace& work) const {
  const mixture::RecordTile& tile = work.tile;
  const Index stride = padded_components();
  for (Index k = 0; k < stride; k += mixture::Panels::kWidth) {
    simd::polynomials(tile.rows(), features(), forms_.width(k), tile.row(0), tile.row_stride(),
                      forms_.row(0, k), first_scores_.data() + k, work.scores.get() + k, stride);
  }
}

void GaussianMixture::add_distances(Index rows, const double* records, Index record_stride,
                                    double* scores) const {
  const Index stride = padded_components();
  for (Index k = 0; k < stride; k += mixture::Panels::kWidth) {
    simd::add_scaled_distances(rows, features(), forms_.width(k), records, record_stride, forms_.row(0, k),
                               centres_.row(0, k), forms_.width(k), scores + k, stride);
  }
}

/// W z of the tile's records, rows of whole vectors.
const double* GaussianMixture::whiten(Workspace& work) const {
  constexpr Index kColumns = 32;  // of a triangle that are multiplied together
  const Index rows = work.tile.rows(), width = simd::padded<double>(features());
  double* const whitened = work.whitened(width);
  std::fill_n(whitened, rows * width, 0.0);
  for (Index first = 0; first < width; first += kColumns) {
    const Index columns = std::min(kColumns, width - first);
    simd::add_product(rows, std::min(features(), first + columns), columns, work.tile.row(0),
                      work.tile.row_stride(), turned_whitening_.data() + first, width, whitened + first,
                      width);
  }
  return whitened;
}

void GaussianMixture::score_centred(Index k, Workspace& work) const {
  alignas(64) std::array<double, mixture::RecordTile::kMostRows> squared;
  work.centred.squared_distances(work.tile, means_.row(k),
                                 whitening_rows_[static_cast<std::size_t>(covariances_.column(k))].data(),
                                 squared.data());
  double* const scores = work.scores.get() + k;
  for (Index n = 0; n < work.tile.rows(); ++n) {
    const double distance = squared[static_cast<std::size_t>(n)];
    scores[n * padded_components()] =
        kernel() == Kernel::expanded ? log_constant_[k] - 0.5 * distance : distance - 2 * log_constant_[k];
  }
}

/// Ready for a block.
BlockMoments& GaussianMixture::fresh_moments() const {
  const auto k = static_cast<std::size_t>(components());
  BlockMoments& moments = workspace_->moments;
  moments.sizes.assign(static_cast<std::size_t>(padded_components()), 0.0);
  if (kernel() == Kernel::expanded) {
    moments.lines.assign(simd::line_of(features(), features()), components(), 0.0);
  } else {
    moments.rows.assign(k * static_cast<std::size_t>(workspace_->tile.width()), 0.0);
  }
  moments.stride = simd::padded<double>(whitens() ? (features() + 1) * workspace_->centred.scatter_stride()
                                                  : 2 * features());
  if (any_centred_) moments.centred.assign(k * static_cast<std::size_t>(moments.stride), 0.0);
  return moments;
}

/// Adds the tile's moments under the weighted responsibilities in `work.scores`.
void GaussianMixture::add_moments_tile(Workspace& work, BlockMoments& moments) const {
  const mixture::RecordTile& tile = work.tile;
  const Index rows = tile.rows(), stride = padded_components();
  const double* const r = work.scores.get();
  const TimedPhase timed(Phase::products);
  add_rows(rows, stride, r, moments.sizes.data());
  if (!all_centred_ && kernel() == Kernel::expanded) {
    for (Index k = 0; k < stride; k += mixture::Panels::kWidth) {
      simd::add_second_moments(rows, features(), moments.lines.width(k), tile.row(0), tile.row_stride(),
                               r + k, stride, work.products.get(), moments.lines.row(0, k));
    }
  } else if (!all_centred_) {
    simd::add_transposed_product(components(), rows, tile.width(), r, stride, tile.row(0), tile.row_stride(),
                                 moments.rows.data(), tile.width());
  }
  if (!any_centred_) return;
  for (Index k = 0; k < components(); ++k) {
    if (!is_centred(k)) continue;
    double* const own = moments.centred_of(k);
    if (whitens()) {
      work.centred.add_scatter(tile, means_.row(k), r + k, stride, own);
    } else {
      work.centred.add_squares(tile, means_.row(k), r + k, stride, own);
    }
  }
}

/// Adds a block's moments of the components that are not centred.
void GaussianMixture::add_origin_moments(const Workspace& work, const BlockMoments& moments,
                                         Sums& sums) const {
  const Index quadratic = sums.layout().quadratic(), width = sums.layout().width(), d = features();
  auto all = sums.moments();
  if (kernel() == Kernel::expanded) {
    for (Index first = 0; first < components(); first += mixture::Panels::kWidth) {
      const Index count = std::min(mixture::Panels::kWidth, components() - first);
      double* const sum = all.col(first).data();
      const auto add = [&](Index line, Index position) {
        const double* const own = moments.lines.row(line, first);
        for (Index k = 0; k < count; ++k) {
          if (!any_centred_ || !is_centred(first + k)) sum[position + k * width] += own[k];
        }
      };
      for_each_pair(
          d, [&](Index i, Index, Index position) { add(simd::line_of(i, d) + 1 + position / d, position); });
      for (Index i = 0; i < d; ++i) add(simd::line_of(i, d), quadratic + i);
    }
    return;
  }
  for (Index k = 0; k < components(); ++k) {
    if (is_centred(k)) continue;
    const double* const own = moments.rows.data() + k * work.tile.width();
    const double* const beside = own + simd::padded<double>(d);
    for (Index i = 0; i < quadratic; ++i) all(i, k) += beside[i];
    for (Index i = 0; i < d; ++i) all(quadratic + i, k) += own[i];
  }
}

void GaussianMixture::add_block_moments(const Workspace& work, const BlockMoments& moments,
                                        Sums& sums) const {
  const Index quadratic = sums.layout().quadratic(), d = features();
  add_origin_moments(work, moments, sums);
  auto all = sums.moments();
  for (Index k = 0; k < components(); ++k) {
    auto own = all.col(k);
    own[quadratic + d] += moments.sizes[static_cast<std::size_t>(k)];
    if (!is_centred(k)) continue;
    const double* const centred = moments.centred_of(k);
    double* const second = family().shared() ? sums.pooled().data() : own.data();
    if (whitens()) {
      const Index stride = work.centred.scatter_stride();
      for_each_pair(d, [&](Index i, Index j, Index position) {
        second[position] += centred[std::min(i, j) * stride + std::max(i, j)];
      });
      for (Index i = 0; i < d; ++i) own[quadratic + i] += centred[d * stride + i];
    } else {
      for (Index i = 0; i < d; ++i) {
        second[family().form() == Quadratic::norm ? 0 : i] += centred[i];
        own[quadratic + i] += centred[d + i];
      }
    }
  }
}

/// sum_n w_n of the pooled second moments, which no iteration changes.
AlignedVector<double> GaussianMixture::pooled_moments(const Block& block) const {
  const Index d = features();
  Workspace work(family().pooled, d, kLanes);
  const mixture::RecordTile& tile = work.tile;
  AlignedVector<double> pooled(static_cast<std::size_t>(quadratic_size(family().pooled, d)), 0.0);
  mixture::Panels lines(simd::line_of(d, d), 1, 0.0);
  work.for_each_tile(block, false, [&] {
    std::fill_n(work.scores.get(), tile.rows() * kLanes, 0.0);
    for (Index n = 0; n < tile.rows(); ++n)
      work.scores[static_cast<std::size_t>(n * kLanes)] = tile.weight(n);
    if (family().pooled == Quadratic::packed) {
      simd::add_second_moments(tile.rows(), d, kLanes, tile.row(0), tile.row_stride(), work.scores.get(),
                               kLanes, work.products.get(), lines.row(0, 0));
    } else {
      for (Index n = 0; n < tile.rows(); ++n)
        pooled[0] += tile.weight(n) * tile.row(n)[simd::padded<double>(d)];
    }
  });
  if (family().pooled == Quadratic::packed) {
    for_each_pair(d, [&](Index i, Index, Index position) {
      pooled[static_cast<std::size_t>(position)] = *lines.row(simd::line_of(i, d) + 1 + position / d, 0);
    });
  }
  return pooled;
}

void GaussianMixture::add_pooled_moments(const Block& block, Cache& cache, Sums& sums) const {
  if (!family().shared() || all_centred_) return;
  if (cache.pooled.empty()) cache.pooled = pooled_moments(block);
  sums.pooled() += Eigen::Map<const Vector>(cache.pooled.data(), sums.pooled().size());
}

void GaussianMixture::local_step(const Block& block, Cache& cache, Sums& sums) const {
  const TimedPhase timed(Phase::local_step);
  if (in_float_) {
    add_roughly(block, sums);
  } else {
    add_exactly(block, sums);
  }
  add_pooled_moments(block, cache, sums);
  const auto block_sizes = sums.moments().bottomRows(1);
  for (Index k = 0; k < components(); ++k) sums.magnitude() += block_sizes(0, k) * cancellation_[k];
  sums.records() += static_cast<double>(block.rows());
}

void GaussianMixture::add_exactly(const Block& block, Sums& sums) const {
  TimedPhase timed(Phase::local_step);
  Workspace& work = *workspace_;
  BlockMoments& moments = fresh_moments();
  work.for_each_tile(block, any_centred_, [&] {
    const mixture::RecordTile& tile = work.tile;
    score_tile(work);
    timed.next(Phase::softmax);
    mixture::normalise(tile.rows(), padded_components(), factor(), work.scores.get(), work.log_density.get(),
                       tile.next_lines());
    for (Index n = 0; n < tile.rows(); ++n) {
      const double weight = tile.weight(n), log_density = work.log_density[static_cast<std::size_t>(n)];
      if (weight != 1) multiply_row(work.scores.get() + n * padded_components(), padded_components(), weight);
      add_density(weight, log_density, sums);
    }
    timed.next(Phase::local_step);
    add_moments_tile(work, moments);
  });
  add_block_moments(work, moments, sums);
}

void GaussianMixture::add_statistics(const Block& block, const Matrix& responsibilities, Sums& sums) const {
  Workspace& work = *workspace_;
  BlockMoments& moments = fresh_moments();
  Cache cache;
  work.for_each_tile(block, any_centred_, [&] {
    const mixture::RecordTile& tile = work.tile;
    for (Index n = 0; n < tile.rows(); ++n) {
      double* const row = work.scores.get() + n * padded_components();
      std::fill_n(row, padded_components(), 0.0);
      for (Index k = 0; k < components(); ++k) row[k] = responsibilities(tile.first() + n, k);
      if (tile.weight(n) != 1) multiply_row(row, components(), tile.weight(n));
      sums.weight() += tile.weight(n);
    }
    add_moments_tile(work, moments);
  });
  add_block_moments(work, moments, sums);
  add_pooled_moments(block, cache, sums);
  sums.records() += static_cast<double>(block.rows());
}

Matrix GaussianMixture::log_joint(const Block& block) const {
  Workspace& work = *workspace_;
  Matrix joint(block.rows(), components());
  work.for_each_tile(block, any_centred_, [&] {
    score_tile(work);
    for (Index n = 0; n < work.tile.rows(); ++n) {
      const double* const row = work.scores.get() + n * padded_components();
      for (Index k = 0; k < components(); ++k) joint(work.tile.first() + n, k) = factor() * row[k];
    }
  });
  return joint;
}

void GaussianMixture::responsibilities(const Block& block, Matrix& r, Eigen::ArrayXd& log_density) const {
  Workspace& work = *workspace_;
  r.resize(block.rows(), components());
  log_density.resize(block.rows());
  work.for_each_tile(block, any_centred_, [&] {
    score_tile(work);
    mixture::normalise(work.tile.rows(), padded_components(), factor(), work.scores.get(),
                       work.log_density.get());
    for (Index n = 0; n < work.tile.rows(); ++n) {
      const double* const row = work.scores.get() + n * padded_components();
      for (Index k = 0; k < components(); ++k) r(work.tile.first() + n, k) = row[k];
      log_density[work.tile.first() + n] = work.log_density[static_cast<std::size_t>(n)];
    }
  });
}

}  // namespace jensen::gmm
