#include "jensen/init/nearest_search.hpp"

#include <algorithm>

#include "jensen/data/tiles.hpp"

namespace jensen {
namespace {

constexpr Index kWidth = kTileRows<double>;
/// Positions that are quicker looked at one by one.
constexpr Index kFew = 2;

}  // namespace

NearestSearch::NearestSearch(const RowMatrix& positions) : exact_(positions), positions_(positions) {}

void NearestSearch::improve_directly(const double* tile, Index lane, Index first_label, std::int32_t& label,
                                     double& squared) const {
  for (Index k = 0; k < exact_.rows(); ++k) {
    double sum = 0;
    for (Index d = 0; d < exact_.cols(); ++d) {
      const double difference = tile[d * kWidth + lane] - exact_(k, d);
      sum += difference * difference;
    }
    if (!(sum < squared)) continue;
    squared = sum;
    label = static_cast<std::int32_t>(first_label + k);
  }
}

void NearestSearch::improve(const DenseBlock& block, Index first_label, std::span<std::int32_t> labels,
                            std::span<double> squared) const {
  const Index features = exact_.cols();
  const TileReader reader(block);
  const auto tile = make_scratch(static_cast<std::size_t>(features * kWidth));
  Nearest<double> nearest;
  CacheLineList next_lines;
  alignas(64) double distances[std::size_t{kWidth}], squares[std::size_t{kWidth}];
  const bool few = exact_.rows() <= kFew;
  for (Index first = 0; first < block.rows(); first += kWidth) {
    const Index count = std::min(kWidth, block.rows() - first);
    reader.read(first, count, tile.get());
    std::fill_n(nearest.index, kWidth, 0.0);
    if (!few) {
      reader.find_lines(first + count, kWidth, next_lines);
      positions_.find(tile.get(), nearest, next_lines);
    }
    for (Index k = 0; k < (few ? exact_.rows() : 1); ++k) {
      std::fill_n(distances, kWidth, 0.0);
      std::fill_n(squares, kWidth, 0.0);
      for (Index d = 0; d < features; ++d) {
        const double* const values = tile.get() + d * kWidth;
        const double* const column = exact_.data() + d;
        for (Index i = 0; i < kWidth; ++i) {
          const Index own = few ? k : static_cast<Index>(nearest.index[i]);
          const double difference = values[i] - column[own * features];
          distances[i] += difference * difference;
          squares[i] += values[i] * values[i];
        }
      }
      for (Index i = 0; i < count; ++i) {
        const auto row = static_cast<std::size_t>(first + i);
        const Index own = few ? k : static_cast<Index>(nearest.index[i]);
        // Scores cannot tell positions apart that are as near as this: one of them may be at the record.
        if (!few && !(distances[i] > 8 * positions_.score_error(squares[i]))) {
          improve_directly(tile.get(), i, first_label, labels[row], squared[row]);
        } else if (distances[i] < squared[row]) {
          squared[row] = distances[i];
          labels[row] = static_cast<std::int32_t>(first_label + own);
        }
      }
    }
  }
}

}  // namespace jensen
