#pragma once

#include <string>

namespace bench {

/// Functions of OpenBLAS (the C interface), on one thread.
struct OpenBlas {
  static constexpr int kRowMajor = 101, kColumnMajor = 102, kAsIs = 111, kTransposed = 112;
  /// C = alpha A B + beta C: order, transposed A, transposed B, rows, columns, depth, alpha, A, lda, B, ldb,
  /// beta, C, ldc.
  template <class T>
  using Gemm = void (*)(int, int, int, int, int, int, T, const T*, int, const T*, int, T, T*, int);
  /// y = alpha A x + beta y: order, transposed A, rows, columns, alpha, A, lda, x, step, beta, y, step.
  using Gemv = void (*)(int, int, int, int, double, const double*, int, const double*, int, double, double*,
                        int);

  std::string core;
  Gemm<double> dgemm;
  Gemm<float> sgemm;
  Gemv dgemv;
};

/// Null where it is not installed.
const OpenBlas* openblas();

}  // namespace bench
