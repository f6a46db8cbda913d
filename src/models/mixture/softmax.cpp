#include "jensen/models/mixture/softmax.hpp"

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
  alignas(64) T values[kCount][kCount] = {};

  /// Every row combined to one number, in the order of simd::fold.
  template <class Combine>
  [[gnu::always_inline]] void fold(Combine combine, T* folded) const {
    if constexpr (simd::kWide) {
      simd::Square<T> lanes;
      std::memcpy(&lanes, values, sizeof values);
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

}  // namespace

template <class T>
[[gnu::flatten]] void normalise(Index rows, Index stride, double wide_factor, T* scores, double* log_density,
                                CacheLines soon) {
  constexpr Index kLanes = simd::kLanes<T>;
  const T factor = static_cast<T>(wide_factor);
  const Pack<T> cut = static_cast<T>(-kNegligible<T>);
  alignas(64) T largest[Pack<T>::size()], totals[Pack<T>::size()];
  Rows<T> most_of, sums;
  Prefetcher prefetcher(soon, rows / kLanes);
  for (Index begin = 0; begin < rows; begin += kLanes) {  // loops of their own keep the pipelines full
    prefetcher.step();
    const Index count = std::min(kLanes, rows - begin);
    T* const first = scores + begin * stride;
    for (Index n = 0; n < count; ++n) {
      const T* const row = first + n * stride;
      Pack<T> most = factor * simd::load<T>(row);
      for (Index k = kLanes; k < stride; k += kLanes) most = simd::max(most, factor * simd::load<T>(row + k));
      simd::store<T>(most, most_of.values[n]);
    }
    most_of.fold(kLarger, largest);
    for (Index n = 0; n < count; ++n) {
      T* const row = first + n * stride;
      const Pack<T> reference = -largest[n];
      Pack<T> total = T{0};
      for (Index k = 0; k < stride; k += kLanes) {
        Pack<T> difference = simd::fma(Pack<T>(factor), simd::load<T>(row + k), reference);
        where(difference < cut, difference) = cut;  // NaN stays NaN
        const Pack<T> density = simd::exp_in_range(difference);
        simd::store<T>(density, row + k);
        total += density;
      }
      simd::store<T>(total, sums.values[n]);
    }
    sums.fold(kSum, totals);
    for (Index n = count; n < kLanes; ++n) totals[n] = 1;
    const Pack<T> total = simd::load<T>(totals);
    write_logarithms(largest, total, log_density + begin);
    simd::store<T>(T{1} / total, totals);
    for (Index n = 0; n < count; ++n) {
      T* const row = first + n * stride;
      for (Index k = 0; k < stride; k += kLanes) simd::store<T>(totals[n] * simd::load<T>(row + k), row + k);
    }
  }
}

template void normalise(Index, Index, double, double*, double*, CacheLines);
template void normalise(Index, Index, double, float*, double*, CacheLines);

}  // namespace jensen::mixture
