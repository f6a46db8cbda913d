#pragma once

#include "jensen/core/simd_log_gamma.hpp"

namespace jensen::lda {

/// As the kernels compute them, so that sums of both cancel where theory says so.
inline double digamma(double x) {
  return simd::digamma(simd::Doubles(x))[0];
}
inline double log_gamma(double x) {
  return simd::log_gamma(simd::Doubles(x))[0];
}

}  // namespace jensen::lda
