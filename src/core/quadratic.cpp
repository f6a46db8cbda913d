#include "jensen/core/quadratic.hpp"

#include <algorithm>

#include "jensen/core/simd.hpp"

namespace jensen::simd {
namespace {

/// Register tiles: up to kTileVectors vectors of columns by kTileRows[vectors] rows.
constexpr std::size_t kTileVectors = kWide ? 4 : 1;
constexpr Index kTileColumns = static_cast<Index>(kTileVectors) * kLanes<double>;
constexpr Index kTileRows[] = {0, kWide ? 14 : 6, 12, 8, 6};

/// Rows are cut into tiles of about the same size, `most` at most; calls visit(begin, count).
template <class Visit>
[[gnu::always_inline]] inline void cut(Index rows, Index most, Visit visit) {
  const Index tiles = (rows + most - 1) / most;
  for (Index t = 0, begin = 0; t < tiles; ++t) {
    const Index count = (rows - begin) / (tiles - t);
    visit(begin, count);
    begin += count;
  }
}

/// Calls visit with `value` as a constant between 1 and kMost.
template <std::size_t kMost, class Visit>
[[gnu::always_inline]] inline void with_constant(Index value, Visit visit) {
  if (value == static_cast<Index>(kMost)) return visit(std::integral_constant<std::size_t, kMost>());
  if constexpr (kMost > 1) with_constant<kMost - 1>(value, visit);
}

/// Calls visit(first column, vectors as a constant) for each width of columns that registers hold.
template <class Visit>
void for_each_width(Index columns, Visit visit) {
  for (Index first = 0; first < columns; first += kTileColumns) {
    const Index vectors = std::min(kTileColumns, columns - first) / kLanes<double>;
    with_constant<kTileVectors>(vectors, [&](auto constant) { visit(first, constant); });
  }
}

/// scores = before + z_i (b_i + sum over j of a_ij z_(i+j)) for R records; z starts at z_i.
template <std::size_t R, std::size_t V>
[[gnu::flatten]] void add_row_of_polynomials(Index pairs, const double* z, Index ldz, const double* lines,
                                             Index ldl, const double* before, Index step, double* scores,
                                             Index lds) {
  Doubles sums[R][V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) {
    const Doubles linear = load<double>(lines + 8 * v);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) sums[r][v] = linear;
  }
  const double* const a = lines + ldl;
  Index j = 0;
  do {
    Doubles line[V];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) line[v] = load<double>(a + j * ldl + 8 * v);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const Doubles factor = z[static_cast<Index>(r) * ldz + j];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = fma(factor, line[v], sums[r][v]);
    }
  } while (++j < pairs);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
    const Doubles factor = z[static_cast<Index>(r) * ldz];
    const double* const start = before + static_cast<Index>(r) * step;
    double* const out = scores + static_cast<Index>(r) * lds;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      store<double>(fma(factor, sums[r][v], load<double>(start + 8 * v)), out + 8 * v);
  }
}

/// R lines of moments of feature i. The first of the lines are those of z_i itself and what follows; they
/// leave z_i r in `products`, where the others find it: z starts at z_i, and at the first factor of others.
template <bool first, std::size_t R, std::size_t V>
[[gnu::flatten]] void add_lines_of_moments(Index rows, const double* z, Index ldz, const double* r, Index ldr,
                                           double* products, double* lines, Index ldl) {
  Index step = 1;
  asm("" : "+r"(step));  // else gcc loads factors as one vector and shuffles, where it should multiply
  Doubles sums[R][V];
#pragma GCC unroll 16
  for (std::size_t l = 0; l < R; ++l) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      sums[l][v] = load<double>(lines + static_cast<Index>(l) * ldl + 8 * v);
  }
  constexpr std::size_t kBegin = first ? 1 : 0;
  Index n = 0;
  do {
    Doubles product[V];
    if constexpr (first) {
      const Doubles own = z[n * ldz];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) {
        product[v] = own * load<double>(r + n * ldr + 8 * v);
        store<double>(product[v], products + n * kMostColumns + 8 * v);
        sums[0][v] = sums[0][v] + product[v];
      }
    } else {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) product[v] = load<double>(products + n * kMostColumns + 8 * v);
    }
#pragma GCC unroll 16
    for (std::size_t l = kBegin; l < R; ++l) {
      const Doubles factor = z[n * ldz + static_cast<Index>(l - kBegin) * step];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) sums[l][v] = fma(factor, product[v], sums[l][v]);
    }
  } while (++n < rows);
#pragma GCC unroll 16
  for (std::size_t l = 0; l < R; ++l) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      store<double>(sums[l][v], lines + static_cast<Index>(l) * ldl + 8 * v);
  }
}

}  // namespace

void polynomials(Index rows, Index features, Index columns, const double* z, Index ldz, const double* lines,
                 const double* constants, double* scores, Index lds) {
  for_each_width(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    constexpr Index kMost = kTileRows[V];
    for (Index i = 0; i < features; ++i) {
      const double* const own = lines + line_of(i, features) * columns + column;
      cut(rows, kMost, [&](Index begin, Index count) {
        with_constant<static_cast<std::size_t>(kMost)>(count, [&](auto constant) {
          double* const out = scores + begin * lds + column;
          add_row_of_polynomials<constant, V>(pairs_of(i, features), z + begin * ldz + i, ldz, own, columns,
                                              i == 0 ? constants + column : out, i == 0 ? 0 : lds, out, lds);
        });
      });
    }
  });
}

void add_second_moments(Index rows, Index features, Index columns, const double* z, Index ldz,
                        const double* r, Index ldr, double* room, double* lines) {
  for_each_width(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    constexpr Index kMost = kTileRows[V];
    for (Index i = 0; i < features; ++i) {
      double* const own = lines + line_of(i, features) * columns + column;
      cut(1 + pairs_of(i, features), kMost, [&](Index begin, Index count) {
        with_constant<static_cast<std::size_t>(kMost)>(count, [&](auto constant) {
          if (begin == 0) {
            add_lines_of_moments<true, constant, V>(rows, z + i, ldz, r + column, ldr, room, own, columns);
          } else {
            add_lines_of_moments<false, constant, V>(rows, z + i + begin - 1, ldz, r + column, ldr, room,
                                                     own + begin * columns, columns);
          }
        });
      });
    }
  });
}

}  // namespace jensen::simd
