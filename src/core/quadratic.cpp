#include "jensen/core/quadratic.hpp"

#include "register_tiles.hpp"

namespace jensen::simd {
namespace {

/// Tiles of polynomials: vectors of columns by kFormRows[vectors] records, each with a score and the sum of a
/// row in registers.
constexpr std::size_t kFormVectors = kWideTiles ? 2 : 1;
constexpr Index kFormRows[] = {0, kWideTiles ? 14 : 6, 7};

/// Of the lines that a tile works on before the next one does: they and the records stay in the first-level
/// cache.
constexpr Index kNearBytes = 18 * 1024;

/// scores = before + sum over i from `begin` to `end` of z_i (b_i + sum over j of a_ij z_(i+j)) for R
/// records; `lines` starts with b_begin.
template <std::size_t R, std::size_t V>
[[gnu::flatten]] void add_polynomials(Index features, Index begin, Index end, const double* z, Index ldz,
                                      const double* lines, Index ldl, const double* before, Index step,
                                      double* scores, Index lds) {
  Doubles totals[R][V];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      totals[r][v] = load<double>(before + static_cast<Index>(r) * step + 8 * v);
  }
  Index i = begin;
  do {
    Doubles sums[R][V];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      const Doubles linear = load<double>(lines + 8 * v);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < R; ++r) sums[r][v] = linear;
    }
    lines += ldl;
    const double* const last = lines + pairs_of(i, features) * ldl;
    const double* other = z + i;
    do {
      Doubles line[V];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) line[v] = load<double>(lines + 8 * v);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < R; ++r) {
        const Doubles factor = other[static_cast<Index>(r) * ldz];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < V; ++v) sums[r][v] = fma(factor, line[v], sums[r][v]);
      }
      lines += ldl;
      ++other;
    } while (lines != last);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const Doubles factor = z[static_cast<Index>(r) * ldz + i];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v) totals[r][v] = fma(factor, sums[r][v], totals[r][v]);
    }
  } while (++i < end);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      store<double>(totals[r][v], scores + static_cast<Index>(r) * lds + 8 * v);
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
  for_each_width<double, kFormVectors>(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    const Index bytes = (features / 2 + 2) * static_cast<Index>(V * sizeof(Doubles));  // of the lines of an i
    cut(features, std::max<Index>(kNearBytes / bytes, 1), [&](Index first, Index count) {
      const double* const own = lines + line_of(first, features) * columns + column;
      cut_into<kFormRows[V]>(rows, [&](Index begin, auto records) {
        double* const out = scores + begin * lds + column;
        add_polynomials<records, V>(features, first, first + count, z + begin * ldz, ldz, own, columns,
                                    first == 0 ? constants + column : out, first == 0 ? 0 : lds, out, lds);
      });
    });
  });
}

void add_second_moments(Index rows, Index features, Index columns, const double* z, Index ldz,
                        const double* r, Index ldr, double* room, double* lines) {
  for_each_width<double>(columns, [&](Index column, auto vectors) {
    constexpr std::size_t V = vectors;
    for (Index i = 0; i < features; ++i) {
      double* const own = lines + line_of(i, features) * columns + column;
      cut_into<kTileRows[V]>(1 + pairs_of(i, features), [&](Index begin, auto count) {
        if (begin == 0) {
          add_lines_of_moments<true, count, V>(rows, z + i, ldz, r + column, ldr, room, own, columns);
        } else {
          add_lines_of_moments<false, count, V>(rows, z + i + begin - 1, ldz, r + column, ldr, room,
                                                own + begin * columns, columns);
        }
      });
    }
  });
}

}  // namespace jensen::simd
