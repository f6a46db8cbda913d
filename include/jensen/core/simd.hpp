#pragma once

#include <cmath>
#include <cstring>
#include <experimental/simd>
#include <iterator>
#if defined(__FMA__)
#include <immintrin.h>
#endif

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

namespace registers {

#if defined(__AVX512F__)
[[gnu::always_inline]] inline __m512d multiply_add(__m512d a, __m512d b, __m512d c) {
  return _mm512_fmadd_pd(a, b, c);
}
[[gnu::always_inline]] inline __m512 multiply_add(__m512 a, __m512 b, __m512 c) {
  return _mm512_fmadd_ps(a, b, c);
}
#elif defined(__FMA__)
[[gnu::always_inline]] inline __m256d multiply_add(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
[[gnu::always_inline]] inline __m256 multiply_add(__m256 a, __m256 b, __m256 c) {
  return _mm256_fmadd_ps(a, b, c);
}
#endif

#if defined(__FMA__)

template <class T>
using Native = stdx::native_simd<T>;

template <class T>
[[gnu::always_inline]] inline Native<T> multiply_add(const Native<T>& a, const Native<T>& b,
                                                     const Native<T>& c) {
  using Raw [[gnu::vector_size(sizeof(Native<T>))]] = T;
  return Native<T>(multiply_add(static_cast<Raw>(a), static_cast<Raw>(b), static_cast<Raw>(c)));
}

template <class T>
[[gnu::always_inline]] inline Pack<T> fused(const Pack<T>& a, const Pack<T>& b, const Pack<T>& c) {
  if constexpr (Native<T>::size() == kLanes<T>) {
    return stdx::to_fixed_size(multiply_add<T>(stdx::to_native(a), stdx::to_native(b), stdx::to_native(c)));
  } else {
    const auto x = stdx::split<Native<T>>(a), y = stdx::split<Native<T>>(b), z = stdx::split<Native<T>>(c);
    return Pack<T>(stdx::concat(multiply_add<T>(x[0], y[0], z[0]), multiply_add<T>(x[1], y[1], z[1])));
  }
}
#else
template <class T>
Pack<T> fused(const Pack<T>& a, const Pack<T>& b, const Pack<T>& c) {
  return stdx::fma(a, b, c);
}
#endif

}  // namespace registers

/// a * b + c in one rounding. (The library's own goes lane by lane, and is put together again only where the
/// optimiser sees that it can.)
[[gnu::always_inline]] inline Doubles fma(const Doubles& a, const Doubles& b, const Doubles& c) {
  return registers::fused<double>(a, b, c);
}
[[gnu::always_inline]] inline Floats fma(const Floats& a, const Floats& b, const Floats& c) {
  return registers::fused<float>(a, b, c);
}

/// Lane by lane; the first of two where they do not compare.
[[gnu::always_inline]] inline Doubles max(const Doubles& a, const Doubles& b) {
  Doubles most = a;
  where(a < b, most) = b;
  return most;
}
[[gnu::always_inline]] inline Floats max(const Floats& a, const Floats& b) {
  Floats most = a;
  where(a < b, most) = b;
  return most;
}
[[gnu::always_inline]] inline Doubles min(const Doubles& a, const Doubles& b) {
  Doubles least = a;
  where(b < a, least) = b;
  return least;
}

}  // namespace jensen::simd
