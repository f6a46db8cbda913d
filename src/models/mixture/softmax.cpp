#include "jensen/models/mixture/softmax.hpp"

#include "jensen/core/simd_math.hpp"

namespace jensen::mixture {
using simd::Doubles;
using simd::fold;

[[gnu::flatten]] void normalise(Index rows, Index stride, double factor, double* scores,
                                double* log_density) {
  constexpr Index kLanes = simd::kLanes<double>;
  const Doubles cut = -kNegligible;
  alignas(64) double largest[kLanes], totals[kLanes], sums[kLanes][kLanes];
  for (Index begin = 0; begin < rows; begin += kLanes) {  // loops of their own keep the pipelines full
    const Index count = std::min(kLanes, rows - begin);
    double* const first = scores + begin * stride;
    for (Index n = 0; n < kLanes; ++n) largest[n] = 0, totals[n] = 1;
    for (Index n = 0; n < count; ++n) {
      const double* const row = first + n * stride;
      Doubles most = factor * simd::load<double>(row);
      for (Index k = kLanes; k < stride; k += kLanes)
        most = simd::max(most, factor * simd::load<double>(row + k));
      largest[n] = fold(most, [](double a, double b) { return a < b ? b : a; });
    }
    for (Index n = 0; n < count; ++n) {
      double* const row = first + n * stride;
      const Doubles reference = -largest[n];
      Doubles total = 0.0;
      for (Index k = 0; k < stride; k += kLanes) {
        Doubles difference = simd::fma(Doubles(factor), simd::load<double>(row + k), reference);
        where(difference < cut, difference) = cut;  // NaN stays NaN
        const Doubles density = simd::exp_in_range(difference);
        simd::store<double>(density, row + k);
        total += density;
      }
      simd::store<double>(total, sums[n]);
    }
    for (Index n = 0; n < count; ++n)
      totals[n] = fold(simd::load<double>(sums[n]), [](double a, double b) { return a + b; });
    const Doubles total = simd::load<double>(totals);
    simd::store<double>(simd::load<double>(largest) + simd::log(total), log_density + begin);
    simd::store<double>(1.0 / total, totals);
    for (Index n = 0; n < count; ++n) {
      double* const row = first + n * stride;
      for (Index k = 0; k < stride; k += kLanes)
        simd::store<double>(totals[n] * simd::load<double>(row + k), row + k);
    }
  }
}

}  // namespace jensen::mixture
