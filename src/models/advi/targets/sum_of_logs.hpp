#pragma once

#include "jensen/core/simd_math.hpp"

namespace jensen::advi {

using simd::Doubles;

/// sum_n w_n log(x_n): the logarithm of a product, as long as weights are 1.
class SumOfLogs {
 public:
  [[gnu::always_inline]] void add(const Doubles& x, double weight) {
    constexpr double kMost = 0x1p500;
    if (weight != 1) {
      sum_ += weight * simd::log(x);
      return;
    }
    product_ *= x;
    const auto far = product_ > kMost || product_ < 1 / kMost;
    if (any_of(far)) {
      where(far, sum_) = sum_ + simd::log(product_);
      where(far, product_) = 1.0;
    }
  }
  Doubles total() const { return sum_ + simd::log(product_); }

 private:
  Doubles product_ = 1.0, sum_ = 0.0;
};

}  // namespace jensen::advi
