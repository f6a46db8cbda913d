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
[[gnu::always_inline]] inline __m512d most(__m512d a, __m512d b) {
  return _mm512_max_pd(a, b);
}
[[gnu::always_inline]] inline __m512d least(__m512d a, __m512d b) {
  return _mm512_min_pd(a, b);
}
[[gnu::always_inline]] inline __m512 most(__m512 a, __m512 b) {
  return _mm512_max_ps(a, b);
}
[[gnu::always_inline]] inline __m512 least(__m512 a, __m512 b) {
  return _mm512_min_ps(a, b);
}
#elif defined(__FMA__)
[[gnu::always_inline]] inline __m256d multiply_add(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
[[gnu::always_inline]] inline __m256 multiply_add(__m256 a, __m256 b, __m256 c) {
  return _mm256_fmadd_ps(a, b, c);
}
[[gnu::always_inline]] inline __m256d most(__m256d a, __m256d b) {
  return _mm256_max_pd(a, b);
}
[[gnu::always_inline]] inline __m256d least(__m256d a, __m256d b) {
  return _mm256_min_pd(a, b);
}
[[gnu::always_inline]] inline __m256 most(__m256 a, __m256 b) {
  return _mm256_max_ps(a, b);
}
[[gnu::always_inline]] inline __m256 least(__m256 a, __m256 b) {
  return _mm256_min_ps(a, b);
}
#endif

#if defined(__FMA__)

template <class T>
using Native = stdx::native_simd<T>;

/// operation(registers...) for the one or two registers that hold a vector.
template <class T, class Operation, class... Vectors>
[[gnu::always_inline]] inline Pack<T> by_register(Operation operation, const Vectors&... vectors) {
  using Raw [[gnu::vector_size(sizeof(Native<T>))]] = T;
  if constexpr (Native<T>::size() == kLanes<T>) {
    return stdx::to_fixed_size(Native<T>(operation(static_cast<Raw>(stdx::to_native(vectors))...)));
  } else {
    const auto half = [&](std::size_t i) {
      return Native<T>(operation(static_cast<Raw>(stdx::split<Native<T>>(vectors)[i])...));
    };
    return Pack<T>(stdx::concat(half(0), half(1)));
  }
}

template <class T>
[[gnu::always_inline]] inline Pack<T> fused(const Pack<T>& a, const Pack<T>& b, const Pack<T>& c) {
  return by_register<T>(
      [](auto... x) __attribute__((always_inline)) { return multiply_add(x...); }, a, b, c);
}
template <class T>
[[gnu::always_inline]] inline Pack<T> larger(const Pack<T>& a, const Pack<T>& b) {
  return by_register<T>(
      [](auto x, auto y) __attribute__((always_inline)) { return most(y, x); }, a, b);
}
template <class T>
[[gnu::always_inline]] inline Pack<T> smaller(const Pack<T>& a, const Pack<T>& b) {
  return by_register<T>(
      [](auto x, auto y) __attribute__((always_inline)) { return least(y, x); }, a, b);
}
#else
template <class T>
Pack<T> fused(const Pack<T>& a, const Pack<T>& b, const Pack<T>& c) {
  return stdx::fma(a, b, c);
}
template <class T>
Pack<T> larger(const Pack<T>& a, const Pack<T>& b) {
  Pack<T> most = a;
  where(a < b, most) = b;
  return most;
}
template <class T>
Pack<T> smaller(const Pack<T>& a, const Pack<T>& b) {
  Pack<T> least = a;
  where(b < a, least) = b;
  return least;
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
  return registers::larger<double>(a, b);
}
[[gnu::always_inline]] inline Floats max(const Floats& a, const Floats& b) {
  return registers::larger<float>(a, b);
}
[[gnu::always_inline]] inline Doubles min(const Doubles& a, const Doubles& b) {
  return registers::smaller<double>(a, b);
}

}  // namespace jensen::simd
