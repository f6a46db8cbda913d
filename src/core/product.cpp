#include "jensen/core/product.hpp"

#include <bit>

#include "register_tiles.hpp"

namespace jensen::simd {
namespace {

template <class T>
constexpr auto kStep = static_cast<std::size_t>(kLanes<T>);            // from vector to vector
constexpr Index kDistanceRows[] = {0, kWideTiles ? 12 : 4, 10, 6, 5};  // two operands of columns

/// What is done to an element of the tile for one step of the inner dimension.
template <class T>
struct Multiply {
  using Number = T;
  static constexpr bool kAsks = false;  // for cache lines that are to be read next
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
  static constexpr bool kAsks = true;
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

/// Odd multiples of the distance between the rows of a tile, in bytes. 2, 4 and 8 times them are addresses
/// that the processor makes itself: a pointer a row is more than there are registers for.
struct RowSteps {
  std::ptrdiff_t one, three, five, seven, nine, eleven, thirteen;

  explicit RowSteps(std::ptrdiff_t step)
      : one(step),
        three(3 * step),
        five(5 * step),
        seven(7 * step),
        nine(9 * step),
        eleven(11 * step),
        thirteen(13 * step) {}

  /// To be called in each turn of a loop over R rows, lest gcc keeps the products after all.
  template <std::size_t R>
  [[gnu::always_inline]] void forget() {
    if constexpr (R > 1) asm("" : "+r"(one));
    if constexpr (R > 3) asm("" : "+r"(three));
    if constexpr (R > 5) asm("" : "+r"(five));
    if constexpr (R > 7) asm("" : "+r"(seven));
    if constexpr (R > 9) asm("" : "+r"(nine));
    if constexpr (R > 11) asm("" : "+r"(eleven));
    if constexpr (R > 13) asm("" : "+r"(thirteen));
  }
  template <class T>
  [[gnu::always_inline]] T at(const T* first, std::size_t row) const {
    if (row == 0) return *first;
    const int twos = std::countr_zero(row);
    const std::size_t odd = row >> twos;
    const std::ptrdiff_t step = odd == 1    ? one
                                : odd == 3  ? three
                                : odd == 5  ? five
                                : odd == 7  ? seven
                                : odd == 9  ? nine
                                : odd == 11 ? eleven
                                            : thirteen;
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(first) + (step << twos));
  }
};

/// R rows by V vectors of columns of C. Element (row, i) of A is at row * row_step + i * inner_step.
template <class Operation, std::size_t R, std::size_t V>
[[gnu::flatten]] void tile(Index depth, const typename Operation::Number* a, Index row_step, Index inner_step,
                           const typename Operation::Operands& operands, typename Operation::Number* c,
                           Index ldc, CacheLines& soon) {
  using T = typename Operation::Number;
  const char* const* line = soon.data();
  const char* const* const last_line = line + soon.size();
  static_assert(R < 15);
  RowSteps steps(row_step * static_cast<Index>(sizeof(T)));
  Pack<T> sums[R][V];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) sums[r][v] = load<T>(c + static_cast<Index>(r) * ldc + kStep<T> * v);
  }
  Index i = 0;
  do {  // at least one step: else gcc keeps the sums in memory around the loop
    if constexpr (Operation::kAsks) {
      if (line != last_line) __builtin_prefetch(*line++);
    }
    const typename Operation::template Step<V> step(operands, i);
    steps.forget<R>();
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const Pack<T> factor = steps.at(a, r);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = step(factor, v, sums[r][v]);
    }
    a += inner_step;
  } while (++i < depth);
  if constexpr (Operation::kAsks) soon = CacheLines(line, last_line);
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

/// Returns those of the cache lines that have not been asked for.
template <class Operation>
CacheLines run(Index rows, Index depth, Index columns, const Left<typename Operation::Number>& left,
               const typename Operation::Operands& operands, typename Operation::Number* c, Index ldc,
               CacheLines soon = {}) {
  using T = typename Operation::Number;
  for_each_width<T>(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    constexpr Index kMost = std::is_same_v<Operation, Multiply<T>> ? kTileRows[V] : kDistanceRows[V];
    cut_into<kMost>(rows, [&](Index begin, auto count) {
      tile<Operation, count, V>(depth, left.a + begin * left.row_step, left.row_step, left.inner_step,
                                Operation::shifted(operands, column), c + begin * ldc + column, ldc, soon);
    });
  });
  return soon;
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
CacheLines add_scaled_distances(Index rows, Index depth, Index columns, const T* a, Index lda,
                                const T* scales, const T* centres, Index lds, T* c, Index ldc,
                                CacheLines soon) {
  return run<Distance<T>>(rows, depth, columns, {a, lda, 1}, {scales, centres, lds}, c, ldc, soon);
}

template void add_transposed_product(Index, Index, Index, const double*, Index, const double*, Index, double*,
                                     Index);
template void add_transposed_product(Index, Index, Index, const float*, Index, const float*, Index, float*,
                                     Index);
template CacheLines add_scaled_distances(Index, Index, Index, const double*, Index, const double*,
                                         const double*, Index, double*, Index, CacheLines);
template CacheLines add_scaled_distances(Index, Index, Index, const float*, Index, const float*, const float*,
                                         Index, float*, Index, CacheLines);

void triangular_squares(Index rows, Index columns, const double* w, const double* x, Index ldx,
                        double* squares) {
  for_each_width<double>(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    std::fill_n(squares + column, 8 * V, 0.0);
    cut_into<kTileRows[V]>(rows, [&](Index begin, auto count) {
      add_squares_of_rows<count, V>(begin + static_cast<Index>(count), w + begin * rows, rows, x + column,
                                    ldx, squares + column);
    });
  });
}

}  // namespace jensen::simd
