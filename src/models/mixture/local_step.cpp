#include <algorithm>
#include <array>

#include "jensen/core/product.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/core/quadratic.hpp"
#include "jensen/models/mixture/gaussians.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "workspace.hpp"

namespace jensen::mixture {
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

GaussianSums Gaussians::make_sums() const {
  return GaussianSums({components(), features(), family().component, family().pooled});
}

/// Scores of the tile's records: factor() * score is the log joint density. Returns the lines of the next
/// tile that have not been asked for yet.
CacheLines Gaussians::score_tile(Workspace& work) const {
  const TimedPhase timed(Phase::products);
  const RecordTile& tile = work.tile;
  CacheLines soon = tile.next_lines();
  if (kernel() == Kernel::expanded && !all_centred_) {
    score_expanded(work);
  } else {
    const Index rows = tile.rows(), stride = padded_components();
    double* const scores = work.scores.get();
    for (Index n = 0; n < rows; ++n) std::copy_n(first_scores_.data(), stride, scores + n * stride);
    if (kernel() == Kernel::scaled) return add_distances(rows, tile.row(0), tile.row_stride(), scores, soon);
    if (!all_centred_)
      soon = add_distances(rows, whiten(work), simd::padded<double>(features()), scores, soon);
  }
  for (Index k = 0; k < components(); ++k) {
    if (is_centred(k)) score_centred(k, work);
  }
  return soon;
}

void Gaussians::score_expanded(Workspace& work) const {
  const RecordTile& tile = work.tile;
  const Index stride = padded_components();
  for (Index k = 0; k < stride; k += Panels::kWidth) {
    simd::polynomials(tile.rows(), features(), forms_.width(k), tile.row(0), tile.row_stride(),
                      forms_.row(0, k), first_scores_.data() + k, work.scores.get() + k, stride);
  }
}

CacheLines Gaussians::add_distances(Index rows, const double* records, Index record_stride, double* scores,
                                    CacheLines soon) const {
  const Index stride = padded_components();
  for (Index k = 0; k < stride; k += Panels::kWidth) {
    soon = simd::add_scaled_distances(rows, features(), forms_.width(k), records, record_stride,
                                      forms_.row(0, k), centres_.row(0, k), forms_.width(k), scores + k,
                                      stride, soon);
  }
  return soon;
}

/// W z of the tile's records, rows of whole vectors.
const double* Gaussians::whiten(Workspace& work) const {
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

void Gaussians::score_centred(Index k, Workspace& work) const {
  alignas(64) std::array<double, RecordTile::kMostRows> squared;
  work.centred.squared_distances(work.tile, means_.row(k), whitening_rows_[column(k)].data(), squared.data());
  double* const scores = work.scores.get() + k;
  for (Index n = 0; n < work.tile.rows(); ++n) {
    const double distance = squared[static_cast<std::size_t>(n)];
    scores[n * padded_components()] =
        kernel() == Kernel::expanded ? constant_[k] - 0.5 * distance : distance - 2 * constant_[k];
  }
}

/// Adds the tile's moments under the weighted responsibilities in `work.scores`.
void Gaussians::add_moments_tile(Workspace& work, BlockMoments& moments) const {
  const RecordTile& tile = work.tile;
  const Index rows = tile.rows(), stride = padded_components();
  const double* const r = work.scores.get();
  const TimedPhase timed(Phase::products);
  add_rows(rows, stride, r, moments.sizes.data());
  if (!all_centred_ && kernel() == Kernel::expanded) {
    for (Index k = 0; k < stride; k += Panels::kWidth) {
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

void Gaussians::local_step(const DenseBlock& block, Cache& cache, GaussianSums& sums) const {
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

void Gaussians::add_exactly(const DenseBlock& block, GaussianSums& sums) const {
  TimedPhase timed(Phase::local_step);
  Workspace& work = *workspace_;
  BlockMoments& moments = fresh_moments();
  work.for_each_tile(block, any_centred_, [&] {
    const RecordTile& tile = work.tile;
    const CacheLines soon = score_tile(work);
    timed.next(Phase::softmax);
    normalise(tile.rows(), padded_components(), factor(), work.scores.get(), work.log_density.get(), soon);
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

void Gaussians::add_statistics(const DenseBlock& block, const Matrix& responsibilities,
                               GaussianSums& sums) const {
  Workspace& work = *workspace_;
  BlockMoments& moments = fresh_moments();
  Cache cache;
  work.for_each_tile(block, any_centred_, [&] {
    const RecordTile& tile = work.tile;
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

Matrix Gaussians::log_joint(const DenseBlock& block) const {
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

void Gaussians::responsibilities(const DenseBlock& block, Matrix& r, Eigen::ArrayXd& log_density) const {
  Workspace& work = *workspace_;
  r.resize(block.rows(), components());
  log_density.resize(block.rows());
  work.for_each_tile(block, any_centred_, [&] {
    score_tile(work);
    normalise(work.tile.rows(), padded_components(), factor(), work.scores.get(), work.log_density.get());
    for (Index n = 0; n < work.tile.rows(); ++n) {
      const double* const row = work.scores.get() + n * padded_components();
      for (Index k = 0; k < components(); ++k) r(work.tile.first() + n, k) = row[k];
      log_density[work.tile.first() + n] = work.log_density[static_cast<std::size_t>(n)];
    }
  });
}

}  // namespace jensen::mixture
