#include "jensen/core/nearest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace jensen {
namespace {

// Positions that are held in registers together with four vectors of records (two where there are fewer
// registers): 24 accumulators of 32 registers, or 12 of 16.
constexpr int kPanel = simd::kWide ? 6 : 3;
constexpr int kVectors = simd::kWide ? 4 : 2;

template <class T>
struct Lowest {
  simd::Pack<T> best[kVectors], second[kVectors], index[kVectors];
};

/// Scores of kVectors vectors of records at `rows` positions of a panel, and what is lowest with them.
template <class T, int rows, bool two>
[[gnu::always_inline]] inline void search_panel(const T* tile, const T* panel, const T* half_norms,
                                                const T* numbers, Index features, Lowest<T>& lowest) {
  using Pack = simd::Pack<T>;
  constexpr Index lanes = simd::kLanes<T>;
  Pack scores[static_cast<std::size_t>(rows)][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) scores[r][v] = Pack(half_norms[r]);
  }
  for (Index d = 0; d < features; ++d) {
    Pack records[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) records[v] = simd::load(tile + d * kTileRows<T> + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const Pack position(panel[d * rows + r]);  // its negative, in fact
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) scores[r][v] = simd::fma(position, records[v], scores[r][v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    const Pack number(numbers[r]);
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const Pack score = scores[r][v];
      const auto lower = score < lowest.best[v];
      if constexpr (two) {
        Pack other = score;  // the higher of this score and the best before
        where(lower, other) = lowest.best[v];
        where(other < lowest.second[v], lowest.second[v]) = other;
      }
      where(lower, lowest.index[v]) = number;
      where(lower, lowest.best[v]) = score;
    }
  }
}

template <class T, bool two>
[[gnu::flatten]] void search_last(Index rows, const T* tile, const T* panel, const T* half_norms,
                                  const T* numbers, Index features, Lowest<T>& lowest) {
  switch (rows) {
    case 1:
      return search_panel<T, 1, two>(tile, panel, half_norms, numbers, features, lowest);
    case 2:
      return search_panel<T, 2, two>(tile, panel, half_norms, numbers, features, lowest);
    case 3:
      return search_panel<T, 3, two>(tile, panel, half_norms, numbers, features, lowest);
    case 4:
      return search_panel<T, 4, two>(tile, panel, half_norms, numbers, features, lowest);
    case 5:
      return search_panel<T, 5, two>(tile, panel, half_norms, numbers, features, lowest);
    default:
      return;
  }
}

}  // namespace

template <class T>
Positions<T>::Positions(const RowMatrix& positions)
    : count_(positions.rows()),
      features_(positions.cols()),
      packed_(static_cast<std::size_t>(positions.size())),
      half_norms_(static_cast<std::size_t>(positions.rows())),
      numbers_(static_cast<std::size_t>(positions.rows())) {
  std::iota(numbers_.begin(), numbers_.end(), T{0});
  for (Index k = 0; k < count_; ++k) {
    const Index first = k / kPanel * kPanel, rows = std::min<Index>(kPanel, count_ - first);
    T* const panel = packed_.data() + first * features_;
    double square = 0;
    for (Index d = 0; d < features_; ++d) {
      const T value = static_cast<T>(positions(k, d));
      panel[d * rows + k - first] = -value;
      square = std::fma(static_cast<double>(value), static_cast<double>(value), square);
    }
    half_norms_[static_cast<std::size_t>(k)] = static_cast<T>(0.5 * square);
    largest_square_ = std::max(largest_square_, square);
  }
}

template <class T>
double Positions<T>::score_error(double square) const {
  // With u for half an epsilon: |c|^2/2 is wrong by (D + 1) u of itself, and each of the D fused operations
  // adds u of a partial sum, which is at most |c|^2/2 + |z||c| <= |c|^2 + |z|^2/2 and a little for the errors
  // before it; and what is below the smallest normal number may be lost.
  const auto d = static_cast<double>(features_);
  const auto unit = static_cast<double>(std::numeric_limits<T>::epsilon());  // 2 u
  const auto lost = static_cast<double>(std::numeric_limits<T>::min());
  return (d + 4) * (unit * (1.5 * largest_square_ + 0.5 * square) + lost);
}

template <class T>
template <bool two>
[[gnu::flatten]] void Positions<T>::search(const T* tile, Nearest<T>& found, CacheLines soon) const {
  constexpr Index lanes = simd::kLanes<T>;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  constexpr Index kParts = kTileRows<T> / (kVectors * lanes);
  Prefetcher prefetcher(soon, kParts * count_ / kPanel);
  for (Index part = 0; part < kTileRows<T>; part += kVectors * lanes) {
    Lowest<T> lowest;
    for (int v = 0; v < kVectors; ++v) {
      lowest.best[v] = infinity, lowest.second[v] = infinity, lowest.index[v] = 0;
    }
    Index first = 0;
    for (; first + kPanel <= count_; first += kPanel) {
      prefetcher.step();
      search_panel<T, kPanel, two>(tile + part, packed_.data() + first * features_,
                                   half_norms_.data() + first, numbers_.data() + first, features_, lowest);
    }
    search_last<T, two>(count_ - first, tile + part, packed_.data() + first * features_,
                        half_norms_.data() + first, numbers_.data() + first, features_, lowest);
    for (int v = 0; v < kVectors; ++v) {
      const Index at = part + v * lanes;
      simd::store(lowest.best[v], found.best + at);
      if constexpr (two) simd::store(lowest.second[v], found.second + at);
      simd::store(lowest.index[v], found.index + at);
    }
  }
}

template class Positions<float>;
template class Positions<double>;

}  // namespace jensen
