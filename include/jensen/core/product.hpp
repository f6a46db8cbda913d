#pragma once

#include "jensen/core/cache_lines.hpp"
#include "jensen/core/types.hpp"

/// Matrix products whose bits are fixed: every element is one chain of fused multiply-adds, over the inner
/// dimension in rising order, on every processor and whatever its neighbours are. Near the peak of a core
/// where the operands stay in its second-level cache; callers cut their work into such pieces.
namespace jensen::simd {

/// C += A B.
///
/// A is rows x depth, a row's numbers contiguous, rows `lda` apart; B is depth x columns and C rows x
/// columns, likewise `ldb` and `ldc`. `columns`, `ldb` and `ldc` are multiples of 8; B and C start on a cache
/// line.
void add_product(Index rows, Index depth, Index columns, const double* a, Index lda, const double* b,
                 Index ldb, double* c, Index ldc);

/// C += A' B, where A is depth x rows and all else as above; of floats, multiples of 16.
template <class T>
void add_transposed_product(Index rows, Index depth, Index columns, const T* a, Index lda, const T* b,
                            Index ldb, T* c, Index ldc);

/// C += sum over columns d of ((A_rd S_dc) - M_dc)^2: squared distances of rows from columns that are scaled
/// per column and dimension, without cancellation. S and M are depth x columns, `lds` apart. Of doubles or
/// floats. `soon`: cache lines that are to be read next, asked for one by one as the work goes on; returns
/// those that it was too short for.
template <class T>
CacheLines add_scaled_distances(Index rows, Index depth, Index columns, const T* a, Index lda,
                                const T* scales, const T* centres, Index lds, T* c, Index ldc,
                                CacheLines soon = {});

/// squares[n] = |W x_n|^2 for the columns x_n of X: W is rows x rows, lower triangular and row-major, with
/// zeros beyond the diagonal; X is rows x columns, a row's numbers contiguous, rows `ldx` apart. `columns`
/// and `ldx` are multiples of 8; X and `squares` start on a cache line.
void triangular_squares(Index rows, Index columns, const double* w, const double* x, Index ldx,
                        double* squares);

}  // namespace jensen::simd
