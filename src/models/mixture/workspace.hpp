#pragma once

#include <cmath>

#include "centred.hpp"
#include "jensen/fit/statistics.hpp"
#include "jensen/models/mixture/family.hpp"
#include "jensen/models/mixture/panels.hpp"

namespace jensen::mixture {

/// The sums of a block as they grow: of the components' moments about the origin, and about their own means
/// where these are centred.
struct BlockMoments {
  AlignedVector<double> sizes;    // padded K: of the responsibilities
  Panels lines;                   // packed: lines of simd::add_second_moments x K
  AlignedVector<double> rows;     // other kinds: K x the width of a tile
  AlignedVector<double> centred;  // K x what a CentredTile adds, where any is centred
  Index stride = 0;               // from one component's to the next one's

  double* centred_of(Index k) { return centred.data() + k * stride; }
  const double* centred_of(Index k) const { return centred.data() + k * stride; }
};

/// Counts a record, but for an absent one.
inline void add_density(double weight, double log_density, Statistics& sums) {
  if (!(weight > 0)) return;
  sums.objective() += weight * log_density;
  sums.magnitude() += weight * std::abs(log_density);
  sums.weight() += weight;
}

/// What a local step of one block works on: a tile of records and what is made of it.
class Workspace {
 public:
  /// `kind`: of the components' second moments.
  Workspace(Quadratic kind, Index features, Index components_padded)
      : tile(features, beside(kind), rows_of(kind, features)),
        centred(features),
        scores(make_scratch(static_cast<std::size_t>(kRows * components_padded))),
        log_density(make_scratch(static_cast<std::size_t>(kRows))),
        products(make_scratch(static_cast<std::size_t>(kRows * Panels::kWidth))) {}

  /// Calls `visit` for each tile of the block; with its columns where they are wanted.
  template <class Visit>
  void for_each_tile(const DenseBlock& block, bool columns, Visit visit) {
    tile.for_each(block, [&] {
      if (columns) tile.make_columns();
      visit();
    });
  }

  /// Room for the tile's records of `width` numbers each.
  double* whitened(Index width) {
    if (!whitened_) whitened_ = make_scratch(static_cast<std::size_t>(kRows * width));
    return whitened_.get();
  }

  RecordTile tile;
  CentredTile centred;
  Scratch scores;       // rows x padded components
  Scratch log_density;  // rows
  Scratch products;     // rows x the columns of a panel
  BlockMoments moments;

 private:
  static constexpr Index kRows = RecordTile::kMostRows;
  /// Features from which on the polynomials of a panel leave the second-level cache: a tile of many records
  /// fetches them less often, one of few (whole register tiles) stays in the first-level cache.
  static constexpr Index kManyFeatures = 80, kFewRows = 56;

  static Beside beside(Quadratic kind) {
    switch (kind) {
      case Quadratic::packed:
        return Beside::again;
      case Quadratic::squares:
        return Beside::squares;
      case Quadratic::norm:
        return Beside::norm;
      default:
        return Beside::nothing;
    }
  }
  static Index rows_of(Quadratic kind, Index features) {
    return kind == Quadratic::packed && features < kManyFeatures ? kFewRows : kRows;
  }

  Scratch whitened_;
};

}  // namespace jensen::mixture
