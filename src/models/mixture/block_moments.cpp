#include <algorithm>
#include <cstring>

#include "jensen/core/quadratic.hpp"
#include "jensen/core/transpose.hpp"
#include "jensen/models/mixture/gaussians.hpp"
#include "workspace.hpp"

namespace jensen::mixture {
namespace {

constexpr Index kLanes = simd::kLanes<double>;

/// sums[k * stride + i] += line(i)[k] for i < count and the components k that are wanted. Lines are whole
/// vectors.
template <class LineOf, class Wanted>
void add_turned(Index count, Index components, LineOf line, Wanted wanted, double* sums, Index stride) {
  constexpr auto kSide = static_cast<Index>(simd::kSide<double>);
  Index i = 0;
  for (; i + kSide <= count; i += kSide) {
    for (Index k = 0; k < components; k += kSide) {
      simd::Square<double> square;
      for (Index n = 0; n < kSide; ++n)
        std::memcpy(&square[static_cast<std::size_t>(n)], line(i + n) + k, sizeof square[0]);
      simd::transpose(square);
      for (Index n = 0; n < std::min(kSide, components - k); ++n) {
        if (!wanted(k + n)) continue;
        double* const to = sums + (k + n) * stride + i;
        simd::Line<double> own;
        std::memcpy(&own, to, sizeof own);
        own.lanes += square[static_cast<std::size_t>(n)].lanes;
        std::memcpy(to, &own, sizeof own);
      }
    }
  }
  for (; i < count; ++i) {
    for (Index k = 0; k < components; ++k) {
      if (wanted(k)) sums[k * stride + i] += line(i)[k];
    }
  }
}

}  // namespace

/// Ready for a block.
BlockMoments& Gaussians::fresh_moments() const {
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

/// Adds a block's moments of the components that are not centred.
void Gaussians::add_origin_moments(const Workspace& work, const BlockMoments& moments,
                                   GaussianSums& sums) const {
  const Index quadratic = sums.layout().quadratic(), width = sums.layout().width(), d = features();
  auto all = sums.moments();
  const auto wanted = [&](Index k) { return !any_centred_ || !is_centred(k); };
  if (kernel() == Kernel::expanded) {
    for (Index first = 0; first < components(); first += Panels::kWidth) {
      const auto add = [&](Index offset, Index count, Index position) {
        add_turned(
            count, std::min(Panels::kWidth, components() - first),
            [&](Index i) { return moments.lines.row(simd::line_of(i, d) + offset, first); },
            [&](Index k) { return wanted(first + k); }, &all(position, first), width);
      };
      for_each_distance(
          d, [&](Index distance, Index count, Index position) { add(1 + distance, count, position); });
      add(0, d, quadratic);
    }
    return;
  }
  for (Index k = 0; k < components(); ++k) {
    if (!wanted(k)) continue;
    const double* const own = moments.rows.data() + k * work.tile.width();
    const double* const beside = own + simd::padded<double>(d);
    for (Index i = 0; i < quadratic; ++i) all(i, k) += beside[i];
    for (Index i = 0; i < d; ++i) all(quadratic + i, k) += own[i];
  }
}

void Gaussians::add_block_moments(const Workspace& work, const BlockMoments& moments,
                                  GaussianSums& sums) const {
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
AlignedVector<double> Gaussians::pooled_moments(const DenseBlock& block) const {
  const Index d = features();
  Workspace work(family().pooled, d, kLanes);
  const RecordTile& tile = work.tile;
  AlignedVector<double> pooled(static_cast<std::size_t>(quadratic_size(family().pooled, d)), 0.0);
  Panels lines(simd::line_of(d, d), 1, 0.0);
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

void Gaussians::add_pooled_moments(const DenseBlock& block, Cache& cache, GaussianSums& sums) const {
  if (!family().shared() || all_centred_) return;
  if (cache.pooled.empty()) cache.pooled = pooled_moments(block);
  sums.pooled() += Eigen::Map<const Vector>(cache.pooled.data(), sums.pooled().size());
}

}  // namespace jensen::mixture
