#pragma once

#include <experimental/simd>

#include "jensen/core/types.hpp"

/// Vectors of numbers for kernels that are written once for every processor.
///
/// A vector has the same number of lanes on every processor (a cache line), in as many registers as that
/// takes, and `fma` rounds once; so a kernel that fixes the order of its operations per lane gives the same
/// bits with AVX2 and AVX-512. How many vectors a kernel keeps in registers is all that `kWide` decides.
namespace jensen::simd {

namespace stdx = std::experimental;

using Doubles = stdx::fixed_size_simd<double, 8>;
using Floats = stdx::fixed_size_simd<float, 16>;

/// Lanes of a vector of T.
template <class T>
inline constexpr Index kLanes = 64 / static_cast<Index>(sizeof(T));

/// The vector of T.
template <class T>
using Pack = stdx::fixed_size_simd<T, static_cast<int>(kLanes<T>)>;

/// Whether there are 32 registers that each hold a whole vector; if not, 16 that hold half of one.
inline constexpr bool kWide = stdx::native_simd<double>::size() >= 8;

/// Numbers padded to whole vectors of T.
template <class T>
constexpr Index padded(Index count) {
  return (count + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

/// From and to memory that starts on a cache line, or anywhere.
template <class T>
Pack<T> load(const T* from) {
  return Pack<T>(from, stdx::vector_aligned);
}
template <class T>
Pack<T> load_anywhere(const T* from) {
  return Pack<T>(from, stdx::element_aligned);
}
template <class T>
void store(const Pack<T>& values, T* to) {
  values.copy_to(to, stdx::vector_aligned);
}
template <class T>
void store_anywhere(const Pack<T>& values, T* to) {
  values.copy_to(to, stdx::element_aligned);
}

using stdx::fma;  // a * b + c in one rounding
using stdx::max;
using stdx::min;

}  // namespace jensen::simd
