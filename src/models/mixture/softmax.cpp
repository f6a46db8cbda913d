#include "jensen/models/mixture/softmax.hpp"

#include "jensen/core/simd_math.hpp"

namespace jensen::mixture {
using simd::Doubles;
using simd::fold;
using simd::Pack;

namespace {

constexpr auto kLarger = [](auto a, auto b) { return a < b ? b : a; };
constexpr auto kSum = [](auto a, auto b) { return a + b; };

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
[[gnu::flatten]] void normalise(Index rows, Index stride, double wide_factor, T* scores,
                                double* log_density) {
  constexpr Index kLanes = simd::kLanes<T>;
  const T factor = static_cast<T>(wide_factor);
  const Pack<T> cut = static_cast<T>(-kNegligible<T>);
  alignas(64) T largest[Pack<T>::size()], totals[Pack<T>::size()], sums[Pack<T>::size()][Pack<T>::size()];
  for (Index begin = 0; begin < rows; begin += kLanes) {  // loops of their own keep the pipelines full
    const Index count = std::min(kLanes, rows - begin);
    T* const first = scores + begin * stride;
    for (Index n = 0; n < kLanes; ++n) largest[n] = 0, totals[n] = 1;
    for (Index n = 0; n < count; ++n) {
      const T* const row = first + n * stride;
      Pack<T> most = factor * simd::load<T>(row);
      for (Index k = kLanes; k < stride; k += kLanes) most = simd::max(most, factor * simd::load<T>(row + k));
      largest[n] = fold(most, kLarger);
    }
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
      simd::store<T>(total, sums[n]);
    }
    for (Index n = 0; n < count; ++n) totals[n] = fold(simd::load<T>(sums[n]), kSum);
    const Pack<T> total = simd::load<T>(totals);
    write_logarithms(largest, total, log_density + begin);
    simd::store<T>(T{1} / total, totals);
    for (Index n = 0; n < count; ++n) {
      T* const row = first + n * stride;
      for (Index k = 0; k < stride; k += kLanes) simd::store<T>(totals[n] * simd::load<T>(row + k), row + k);
    }
  }
}

template void normalise(Index, Index, double, double*, double*);
template void normalise(Index, Index, double, float*, double*);

}  // namespace jensen::mixture
