#pragma once

#include "jensen/core/types.hpp"

/// Quadratic polynomials of records, and the second moments that they are fitted from, for many components at
/// once: the E- and M-step of full covariances. Nothing is made of a record but what stays in registers.
///
/// With the features on a circle, row i of the polynomial's symmetric matrix is kept from the diagonal on to
/// half-way around: z_i (b_i + a_i0 z_i + a_i1 z_(i+1) + ...). So all rows have the same length, but for one
/// less in the second half of an even circle. A panel of components has one line of numbers for each b_i,
/// a_i0, a_i1 ... in turn, `columns` wide; moments of z_i, z_i z_i, z_i z_(i+1) ... lie the same way.
///
/// Every element is a chain of fused multiply-adds in a fixed order, on every processor and whatever its
/// neighbours are.
namespace jensen::simd {

/// Pairs of feature i on a circle of D features, itself among them.
constexpr Index pairs_of(Index i, Index features) {
  return features % 2 == 0 && i >= features / 2 ? features / 2 : features / 2 + 1;
}

/// The line of b_i in a panel; of i = D: how many lines there are, D (D + 1) / 2 + D.
constexpr Index line_of(Index i, Index features) {
  const Index shorter = features % 2 == 0 && i > features / 2 ? i - features / 2 : 0;
  return i * (features / 2 + 2) - shorter;
}

/// scores = constants + polynomials of records.
///
/// Each of the `rows` records is D numbers and the same again, the next one `ldz` on; `lines` is a panel of
/// `columns` components with as many constants, and scores is rows x columns, `lds` apart. `columns` and
/// `lds` are multiples of 8; panel, constants and scores start on a cache line. Quickest where the records
/// fit the first-level cache beside some lines of the panel.
void polynomials(Index rows, Index features, Index columns, const double* z, Index ldz, const double* lines,
                 const double* constants, double* scores, Index lds);

/// lines += sums over the records of z_i, z_i z_i, z_i z_(i+1) ..., weighted by the responsibilities r (rows
/// x columns, `ldr` apart; the like of scores). `room`: for rows x kMostColumns numbers, on a cache line.
void add_second_moments(Index rows, Index features, Index columns, const double* z, Index ldz,
                        const double* r, Index ldr, double* room, double* lines);

/// Columns that are worked on together.
inline constexpr Index kMostColumns = 32;

}  // namespace jensen::simd
