#include "jensen/core/product.hpp"

#include <algorithm>

#include "jensen/core/simd.hpp"

namespace jensen::simd {
namespace {

/// Register tiles: up to kTileVectors vectors of columns by kTileRows[vectors] rows.
constexpr std::size_t kTileVectors = kWide ? 4 : 1;
template <class T>
constexpr Index kMostColumns = static_cast<Index>(kTileVectors) * kLanes<T>;
template <class T>
constexpr auto kStep = static_cast<std::size_t>(kLanes<T>);  // from vector to vector
constexpr Index kTileRows[] = {0, kWide ? 14 : 6, 12, 8, 6};
constexpr Index kDistanceRows[] = {0, kWide ? 12 : 4, 10, 6, 5};  // two operands of columns

/// What is done to an element of the tile for one step of the inner dimension.
template <class T>
struct Multiply {
  using Number = T;
  struct Operands {
    const T* b;
    Index ldb;
  };
  template <std::size_t V>
  struct Step {
    Pack<T> b[V];
    [[gnu::always_inline]] Step(const Operands& operands, Index i) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) b[v] = load<T>(operands.b + i * operands.ldb + kStep<T> * v);
    }
    [[gnu::always_inline]] Pack<T> operator()(const Pack<T>& a, std::size_t v, const Pack<T>& sum) const {
      return fma(a, b[v], sum);
    }
  };
  static Operands shifted(Operands operands, Index columns) {
    return {operands.b + columns, operands.ldb};
  }
};

template <class T>
struct Distance {
  using Number = T;
  struct Operands {
    const T* scales;
    const T* centres;
    Index ld;
  };
  template <std::size_t V>
  struct Step {
    Pack<T> scale[V], centre[V];
    [[gnu::always_inline]] Step(const Operands& operands, Index i) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) {
        scale[v] = load<T>(operands.scales + i * operands.ld + kStep<T> * v);
        centre[v] = load<T>(operands.centres + i * operands.ld + kStep<T> * v);
      }
    }
    [[gnu::always_inline]] Pack<T> operator()(const Pack<T>& a, std::size_t v, const Pack<T>& sum) const {
      const Pack<T> y = fma(a, scale[v], -centre[v]);
      return fma(y, y, sum);
    }
  };
  static Operands shifted(Operands operands, Index columns) {
    return {operands.scales + columns, operands.centres + columns, operands.ld};
  }
};

/// R rows by V vectors of columns of C. Element (row, i) of A is at row * row_step + i * inner_step.
template <class Operation, std::size_t R, std::size_t V>
[[gnu::flatten]] void tile(Index depth, const typename Operation::Number* a, Index row_step, Index inner_step,
                           const typename Operation::Operands& operands, typename Operation::Number* c,
                           Index ldc) {
  using T = typename Operation::Number;
  asm("" : "+r"(row_step));  // else gcc loads factors as one vector and shuffles, where it should multiply
  Pack<T> sums[R][V];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) sums[r][v] = load<T>(c + static_cast<Index>(r) * ldc + kStep<T> * v);
  }
  Index i = 0;
  do {  // at least one step: else gcc keeps the sums in memory around the loop
    const typename Operation::template Step<V> step(operands, i);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const Pack<T> factor = a[static_cast<Index>(r) * row_step + i * inner_step];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = step(factor, v, sums[r][v]);
    }
  } while (++i < depth);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) store<T>(sums[r][v], c + static_cast<Index>(r) * ldc + kStep<T> * v);
  }
}

template <class T>
struct Left {
  const T* a;
  Index row_step;
  Index inner_step;
};

template <class Operation, std::size_t R, std::size_t V>
void rows_of_tile(Index rows, Index depth, const Left<typename Operation::Number>& left,
                  const typename Operation::Operands& operands, typename Operation::Number* c, Index ldc) {
  if (rows == static_cast<Index>(R))
    return tile<Operation, R, V>(depth, left.a, left.row_step, left.inner_step, operands, c, ldc);
  if constexpr (R > 1) rows_of_tile<Operation, R - 1, V>(rows, depth, left, operands, c, ldc);
}

/// V vectors of columns of C, cut into tiles of about the same number of rows.
template <class Operation, std::size_t V>
void panel(Index rows, Index depth, const Left<typename Operation::Number>& left,
           const typename Operation::Operands& operands, typename Operation::Number* c, Index ldc) {
  using T = typename Operation::Number;
  constexpr Index kMost = std::is_same_v<Operation, Multiply<T>> ? kTileRows[V] : kDistanceRows[V];
  const Index tiles = (rows + kMost - 1) / kMost;
  for (Index t = 0, begin = 0; t < tiles; ++t) {
    const Index count = (rows - begin) / (tiles - t);
    const Left<T> own{left.a + begin * left.row_step, left.row_step, left.inner_step};
    rows_of_tile<Operation, static_cast<std::size_t>(kMost), V>(count, depth, own, operands, c + begin * ldc,
                                                                ldc);
    begin += count;
  }
}

template <class Operation, std::size_t V>
void last_panel(Index vectors, Index rows, Index depth, const Left<typename Operation::Number>& left,
                const typename Operation::Operands& operands, typename Operation::Number* c, Index ldc) {
  if (vectors == static_cast<Index>(V)) return panel<Operation, V>(rows, depth, left, operands, c, ldc);
  if constexpr (V > 1) last_panel<Operation, V - 1>(vectors, rows, depth, left, operands, c, ldc);
}

template <class Operation>
void run(Index rows, Index depth, Index columns, const Left<typename Operation::Number>& left,
         const typename Operation::Operands& operands, typename Operation::Number* c, Index ldc) {
  using T = typename Operation::Number;
  for (Index begin = 0; begin < columns; begin += kMostColumns<T>) {
    const Index vectors = std::min(kMostColumns<T>, columns - begin) / kLanes<T>;
    last_panel<Operation, kTileVectors>(vectors, rows, depth, left, Operation::shifted(operands, begin),
                                        c + begin, ldc);
  }
}

/// squares += squares of R rows of W X for 8V columns of X: `depth` numbers of each row, those beyond the
/// diagonal being zeros.
template <std::size_t R, std::size_t V>
[[gnu::flatten]] void add_squares_of_rows(Index depth, const double* w, Index ldw, const double* x, Index ldx,
                                          double* squares) {
  Doubles sums[R][V];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) sums[r][v] = 0.0;
  }
  Index i = 0;
  do {
    Doubles column[V];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) column[v] = load<double>(x + i * ldx + 8 * v);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const Doubles factor = w[static_cast<Index>(r) * ldw + i];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = fma(factor, column[v], sums[r][v]);
    }
  } while (++i < depth);
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) {
    Doubles total = load<double>(squares + 8 * v);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) total = fma(sums[r][v], sums[r][v], total);
    store<double>(total, squares + 8 * v);
  }
}

template <std::size_t R, std::size_t V>
void squares_of_rows(Index rows, Index depth, const double* w, Index ldw, const double* x, Index ldx,
                     double* squares) {
  if (rows == static_cast<Index>(R)) return add_squares_of_rows<R, V>(depth, w, ldw, x, ldx, squares);
  if constexpr (R > 1) squares_of_rows<R - 1, V>(rows, depth, w, ldw, x, ldx, squares);
}

template <std::size_t V>
void squares_of_panel(Index vectors, Index rows, const double* w, const double* x, Index ldx,
                      double* squares) {
  if (vectors < static_cast<Index>(V)) {
    if constexpr (V > 1) squares_of_panel<V - 1>(vectors, rows, w, x, ldx, squares);
    return;
  }
  constexpr Index kMost = kTileRows[V];
  std::fill_n(squares, 8 * V, 0.0);
  const Index tiles = (rows + kMost - 1) / kMost;
  for (Index t = 0, first = 0; t < tiles; ++t) {
    const Index count = (rows - first) / (tiles - t);
    squares_of_rows<static_cast<std::size_t>(kMost), V>(count, first + count, w + first * rows, rows, x, ldx,
                                                        squares);
    first += count;
  }
}

}  // namespace

void add_product(Index rows, Index depth, Index columns, const double* a, Index lda, const double* b,
                 Index ldb, double* c, Index ldc) {
  run<Multiply<double>>(rows, depth, columns, {a, lda, 1}, {b, ldb}, c, ldc);
}

template <class T>
void add_transposed_product(Index rows, Index depth, Index columns, const T* a, Index lda, const T* b,
                            Index ldb, T* c, Index ldc) {
  run<Multiply<T>>(rows, depth, columns, {a, 1, lda}, {b, ldb}, c, ldc);
}

template <class T>
void add_scaled_distances(Index rows, Index depth, Index columns, const T* a, Index lda, const T* scales,
                          const T* centres, Index lds, T* c, Index ldc) {
  run<Distance<T>>(rows, depth, columns, {a, lda, 1}, {scales, centres, lds}, c, ldc);
}

template void add_transposed_product(Index, Index, Index, const double*, Index, const double*, Index, double*,
                                     Index);
template void add_transposed_product(Index, Index, Index, const float*, Index, const float*, Index, float*,
                                     Index);
template void add_scaled_distances(Index, Index, Index, const double*, Index, const double*, const double*,
                                   Index, double*, Index);
template void add_scaled_distances(Index, Index, Index, const float*, Index, const float*, const float*,
                                   Index, float*, Index);

void triangular_squares(Index rows, Index columns, const double* w, const double* x, Index ldx,
                        double* squares) {
  constexpr Index kWidth = kMostColumns<double>;
  for (Index first = 0; first < columns; first += kWidth) {
    const Index vectors = std::min(kWidth, columns - first) / kLanes<double>;
    squares_of_panel<kTileVectors>(vectors, rows, w, x + first, ldx, squares + first);
  }
}

}  // namespace jensen::simd
