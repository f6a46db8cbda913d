#include <algorithm>
#include <array>

#include "jensen/core/product.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "workspace.hpp"

namespace jensen::gmm {
namespace {

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
  const mixture::RecordTile& tile = work.tile;
  const Index rows = tile.rows(), stride = padded_components();
  double* const scores = work.scores.get();
  for (Index n = 0; n < rows; ++n) std::copy_n(first_scores_.data(), stride, scores + n * stride);
  if (kernel() == Kernel::scaled || !all_centred_) {
    switch (kernel()) {
      case Kernel::expanded:
        for (std::size_t s = 0; s < moment_features_.slices().size(); ++s) {
          const Features::Slice& slice = moment_features_.slices()[s];
          for (Index first = 0; first < rows; first += Workspace::kNearRows) {
            const Index near = std::min(Workspace::kNearRows, rows - first);
            TimedPhase timed(Phase::features);
            const double* const features = work.near_features(s, first, near);
            timed.next(Phase::products);
            for (Index k = 0; k < stride; k += mixture::Panels::kWidth) {
              simd::add_product(near, slice.count, forms_.width(k), features, moment_features_.stride(),
                                forms_.row(slice.padded_first, k), forms_.width(k),
                                scores + first * stride + k, stride);
            }
          }
        }
        break;
      case Kernel::scaled:
        add_distances(rows, tile.row(0), tile.row_stride(), scores);
        break;
      case Kernel::whitened: {
        TimedPhase timed(Phase::products);
        add_distances(rows, whiten(work), simd::padded<double>(features()), scores);
        break;
      }
    }
  }
  if (kernel() == Kernel::scaled) return;
  for (Index k = 0; k < components(); ++k) {
    if (is_centred(k)) score_centred(k, work);
  }
}

void GaussianMixture::add_distances(Index rows, const double* records, Index record_stride,
                                    double* scores) const {
  const TimedPhase timed(Phase::products);
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
  const TimedPhase timed(Phase::products);
  alignas(64) std::array<double, mixture::RecordTile::kMostRows> squared;
  work.centred.squared_distances(work.tile, means_.row(k), whitening_of(k), squared.data());
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
  moments.features.assign(k * static_cast<std::size_t>(moment_features_.padded_count()), 0.0);
  moments.stride = simd::padded<double>(whitens() ? (features() + 1) * workspace_->centred.scatter_stride()
                                                  : 2 * features());
  if (any_centred_) moments.centred.assign(k * static_cast<std::size_t>(moments.stride), 0.0);
  return moments;
}

/// Adds the tile's moments under the weighted responsibilities in `work.scores`.
void GaussianMixture::add_moments_tile(Workspace& work, BlockMoments& moments) const {
  const Index rows = work.tile.rows(), stride = padded_components();
  const double* const r = work.scores.get();
  add_rows(rows, stride, r, moments.sizes.data());
  if (!all_centred_) {
    for (std::size_t s = moment_features_.slices().size(); s-- > 0;) {  // the last ones are at hand
      const Features::Slice& slice = moment_features_.slices()[s];
      TimedPhase timed(Phase::features);
      const double* const features = work.features(s);
      timed.next(Phase::products);
      simd::add_transposed_product(components(), rows, slice.width, r, stride, features,
                                   moment_features_.stride(), moments.features.data() + slice.padded_first,
                                   moment_features_.padded_count());
    }
  }
  if (!any_centred_) return;
  const TimedPhase timed(Phase::products);
  for (Index k = 0; k < components(); ++k) {
    if (!is_centred(k)) continue;
    double* const own = moments.centred_of(k);
    if (whitens()) {
      work.centred.add_scatter(work.tile, means_.row(k), r + k, stride, own);
    } else {
      work.centred.add_squares(work.tile, means_.row(k), r + k, stride, own);
    }
  }
}

void GaussianMixture::add_block_moments(const Workspace& work, const BlockMoments& moments,
                                        Sums& sums) const {
  const Index quadratic = sums.layout().quadratic(), d = features();
  auto all = sums.moments();
  for (Index k = 0; k < components(); ++k) {
    auto own = all.col(k);
    own[quadratic + d] += moments.sizes[static_cast<std::size_t>(k)];
    if (!is_centred(k)) {
      const double* const features = moments.features.data() + k * moment_features_.padded_count();
      for (const Features::Slice& slice : moment_features_.slices()) {
        own.segment(slice.first, slice.count) +=
            Eigen::Map<const Vector>(features + slice.padded_first, slice.count);
      }
      continue;
    }
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
void GaussianMixture::add_pooled_moments(const Block& block, Cache& cache, Sums& sums) const {
  if (!family().shared() || all_centred_) return;
  if (cache.pooled.empty()) {
    const Features second(family().pooled, features());
    Workspace work(second, features(), padded_components());
    AlignedVector<double> total(static_cast<std::size_t>(second.padded_count()), 0.0);
    work.for_each_tile(block, false, [&] {
      for (Index n = 0; n < work.tile.rows(); ++n)
        work.scores[static_cast<std::size_t>(n)] = work.tile.weight(n);
      for (std::size_t s = 0; s < second.slices().size(); ++s) {
        const Features::Slice& slice = second.slices()[s];
        simd::add_transposed_product(1, work.tile.rows(), slice.width, work.scores.get(), 1, work.features(s),
                                     second.stride(), total.data() + slice.padded_first,
                                     second.padded_count());
      }
    });
    cache.pooled.reserve(static_cast<std::size_t>(sums.pooled().size()));
    for (const Features::Slice& slice : second.slices()) {
      const auto begin = total.begin() + slice.padded_first;
      cache.pooled.insert(cache.pooled.end(), begin, begin + slice.count);
    }
    cache.pooled.resize(static_cast<std::size_t>(sums.pooled().size()));  // without z
  }
  sums.pooled() += Eigen::Map<const Vector>(cache.pooled.data(), sums.pooled().size());
}

void GaussianMixture::local_step(const Block& block, Cache& cache, Sums& sums) const {
  TimedPhase timed(Phase::local_step);
  Workspace& work = *workspace_;
  BlockMoments& moments = fresh_moments();
  work.for_each_tile(block, any_centred_, [&] {
    const mixture::RecordTile& tile = work.tile;
    score_tile(work);
    timed.next(Phase::softmax);
    mixture::normalise(tile.rows(), padded_components(), factor(), work.scores.get(), work.log_density.get());
    for (Index n = 0; n < tile.rows(); ++n) {
      const double weight = tile.weight(n), log_density = work.log_density[static_cast<std::size_t>(n)];
      if (weight != 1) multiply_row(work.scores.get() + n * padded_components(), padded_components(), weight);
      if (!(weight > 0)) continue;
      sums.objective() += weight * log_density;
      sums.magnitude() += weight * std::abs(log_density);
      sums.weight() += weight;
    }
    timed.next(Phase::local_step);
    add_moments_tile(work, moments);
  });
  add_block_moments(work, moments, sums);
  add_pooled_moments(block, cache, sums);
  const auto block_sizes = sums.moments().bottomRows(1);
  for (Index k = 0; k < components(); ++k) sums.magnitude() += block_sizes(0, k) * cancellation_[k];
  sums.records() += static_cast<double>(block.rows());
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
