#pragma once

#include <algorithm>

#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::mixture {

/// A matrix with a column for each component, as products with tiles of records want it: columns padded to
/// whole vectors, and cut into panels of kWidth that lie one after another.
template <class T>
class PanelsOf {
 public:
  static constexpr Index kWidth = 4 * simd::kLanes<T>;

  PanelsOf() = default;
  PanelsOf(Index rows, Index components, T value) { assign(rows, components, value); }

  void assign(Index rows, Index components, T value) {
    rows_ = rows;
    columns_ = simd::padded<T>(components);
    values_.assign(static_cast<std::size_t>(rows * columns_), value);
  }

  Index columns() const { return columns_; }  // padded
  Index width(Index first) const { return std::min(kWidth, columns_ - first); }

  T& operator()(Index row, Index column) {
    const Index first = column / kWidth * kWidth;
    return values_[static_cast<std::size_t>(first * rows_ + row * width(first) + column - first)];
  }

  /// The row in the panel whose first column is `first`: width(first) numbers, the next row after them.
  const T* row(Index row, Index first) const { return values_.data() + first * rows_ + row * width(first); }
  T* row(Index row, Index first) { return values_.data() + first * rows_ + row * width(first); }

 private:
  Index rows_ = 0, columns_ = 0;
  AlignedVector<T> values_;
};

using Panels = PanelsOf<double>;

}  // namespace jensen::mixture
