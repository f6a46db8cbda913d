#include "jensen/models/mixture/softmax.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "jensen/core/simd_math.hpp"
#include "jensen/core/transpose.hpp"

namespace jensen::mixture {
using simd::Doubles;
using simd::Pack;

namespace {

constexpr auto kLarger = [](auto a, auto b) { return a < b ? b : a; };
constexpr auto kSum = [](auto a, auto b) { return a + b; };

/// A row for each of as many records as a vector has lanes.
template <class T>
struct Rows {
  static constexpr std::size_t kCount = Pack<T>::size();
  alignas(64) T values[kCount][kCount];

  void clear_from(Index row) {
    for (auto n = static_cast<std::size_t>(row); n < kCount; ++n) std::fill_n(values[n], kCount, T{0});
  }

  /// Every row combined to one number, in the order of simd::fold.
  template <class Combine>
  [[gnu::always_inline]] void fold(Combine combine, T* folded) const {
    if constexpr (simd::kWide) {
      simd::Square<T> lanes;
// One by one: gcc would copy all of it at once by way of half registers.
#pragma GCC unroll 16
      for (std::size_t n = 0; n < kCount; ++n) std::memcpy(&lanes[n], values[n], sizeof lanes[n]);
      simd::transpose(lanes);
#pragma GCC unroll 4
      for (std::size_t half = kCount / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < half; ++i)
          lanes[i].lanes = combine(lanes[i].lanes, lanes[i + half].lanes);
      }
      std::memcpy(folded, &lanes[0], sizeof lanes[0]);
    } else {
      for (std::size_t n = 0; n < kCount; ++n) folded[n] = simd::fold(simd::load<T>(values[n]), combine);
    }
  }
};

[[gnu::always_inline]] inline void write_logarithms(const double* largest, const Doubles& total,
                                                    double* log_density) {
  simd::store<double>(simd::load<double>(largest) + simd::log(total), log_density);
}

[[gnu::always_inline]] inline void write_logarithms(const float* largest, const simd::Floats& total,
                                                    double* log_density) {
  constexpr Index kLanes = simd::kLanes<double>;
  alignas(64) float totals[2 * kLanes];
  alignas(64) double wide[2 * kLanes], references[2 * kLanes];
  simd::store<float>(total, totals);
  for (Index n = 0; n < 2 * kLanes; ++n) wide[n] = totals[n], references[n] = largest[n];
  for (Index n = 0; n < 2 * kLanes; n += kLanes)
    write_logarithms(references + n, simd::load<double>(wide + n), log_density + n);
}

/// Groups of as many records as a vector has lanes that are worked on together, at most: their scores stay in
/// the first-level cache.
template <class T>
constexpr std::size_t kGroups = 96 / Pack<T>::size();

template <class T>
Index groups_together(Index stride) {
  constexpr Index kNearBytes = 24 * 1024;
  const Index bytes = stride * simd::kLanes<T> * static_cast<Index>(sizeof(T));
  return std::clamp(kNearBytes / bytes, Index{1}, static_cast<Index>(kGroups<T>));
}

}  // namespace

template <class T>
[[gnu::flatten]] void normalise(Index rows, Index stride, double wide_factor, T* scores, double* log_density,
                                CacheLines soon) {
  constexpr Index kLanes = simd::kLanes<T>;
  const T factor = static_cast<T>(wide_factor);
  const Pack<T> cut = static_cast<T>(-kNegligible<T>);
  Rows<T> most_of;
  std::array<Rows<T>, kGroups<T>> sums;
  alignas(64) std::array<std::array<T, Pack<T>::size()>, kGroups<T>> largest, totals;
  Prefetcher prefetcher(soon, (rows + kLanes - 1) / kLanes);
  const Index together = kLanes * groups_together<T>(stride);
  // One loop after the other, each over many records: what one record waits for, another one fills.
  for (Index begin = 0; begin < rows; begin += together) {
    const Index count = std::min(together, rows - begin);
    T* const first = scores + begin * stride;
    const auto for_each_group = [&](auto visit) {
      for (Index n = 0; n < count; n += kLanes)
        visit(static_cast<std::size_t>(n / kLanes), first + n * stride, std::min(kLanes, count - n));
    };
    for_each_group([&](std::size_t group, const T* row, Index group_rows) {
      for (Index n = 0; n < group_rows; ++n, row += stride) {
        Pack<T> most = factor * simd::load<T>(row);
        for (Index k = kLanes; k < stride; k += kLanes)
          most = simd::max(most, factor * simd::load<T>(row + k));
        simd::store<T>(most, most_of.values[n]);
      }
      most_of.clear_from(group_rows);
      most_of.fold(kLarger, largest[group].data());
    });
    for_each_group([&](std::size_t group, T* row, Index group_rows) {
      prefetcher.step();
      for (Index n = 0; n < group_rows; ++n, row += stride) {
        const Pack<T> reference = -largest[group][static_cast<std::size_t>(n)];
        Pack<T> total = T{0};
        for (Index k = 0; k < stride; k += kLanes) {
          const Pack<T> difference = simd::fma(Pack<T>(factor), simd::load<T>(row + k), reference);
          const Pack<T> density = simd::exp_in_range(simd::max(difference, cut));  // NaN stays NaN
          simd::store<T>(density, row + k);
          total += density;
        }
        simd::store<T>(total, sums[group].values[n]);
      }
      sums[group].clear_from(group_rows);
    });
    for_each_group([&](std::size_t group, const T*, Index group_rows) {
      T* const own = totals[group].data();
      sums[group].fold(kSum, own);
      std::fill(own + group_rows, own + kLanes, T{1});
      const Pack<T> total = simd::load<T>(own);
      write_logarithms(largest[group].data(), total,
                       log_density + begin + static_cast<Index>(group) * kLanes);
      simd::store<T>(T{1} / total, own);
    });
    for_each_group([&](std::size_t group, T* row, Index group_rows) {
      for (Index n = 0; n < group_rows; ++n, row += stride) {
        const T inverse = totals[group][static_cast<std::size_t>(n)];
        for (Index k = 0; k < stride; k += kLanes) simd::store<T>(inverse * simd::load<T>(row + k), row + k);
      }
    });
  }
}

template void normalise(Index, Index, double, double*, double*, CacheLines);
template void normalise(Index, Index, double, float*, double*, CacheLines);

}  // namespace jensen::mixture
