#pragma once

#include "centred.hpp"
#include "jensen/models/gmm/features.hpp"

namespace jensen::gmm {

/// The sums of a block as they grow: of the components' features, and about their own means where these are
/// centred.
struct BlockMoments {
  AlignedVector<double> sizes;     // padded K: of the responsibilities
  AlignedVector<double> features;  // K x padded features
  AlignedVector<double> centred;   // K x what a CentredTile adds, where any is centred
  Index stride = 0;                // from one component's to the next one's

  double* centred_of(Index k) { return centred.data() + k * stride; }
  const double* centred_of(Index k) const { return centred.data() + k * stride; }
};

/// What a local step of one block works on: a tile of records and what is made of it.
class Workspace {
 public:
  Workspace(const Features& features, Index records_features, Index components_padded)
      : tile(records_features, features.kind() == Quadratic::packed),
        centred(records_features),
        scores(make_scratch(static_cast<std::size_t>(kRows * components_padded))),
        log_density(make_scratch(static_cast<std::size_t>(kRows))),
        features_(features),
        kept_(std::min<std::size_t>(features.slices().size(), kMostKept)),
        held_(kept_, kNone),
        room_(static_cast<std::size_t>(features.room(kRows))),
        buffer_(make_scratch(kept_ * room_)) {}

  /// Calls `visit` for each tile of the block; with its columns where they are wanted.
  template <class Visit>
  void for_each_tile(const DenseBlock& block, bool columns, Visit visit) {
    tile.for_each(block, [&] {
      held_.assign(kept_, kNone);
      if (columns) tile.make_columns();
      visit();
    });
  }

  /// Records whose features the first-level cache holds.
  static constexpr Index kNearRows = 12;

  /// The slice's features of some records, kNearRows at most, for use at once; records come in turn.
  const double* near_features(std::size_t slice, Index first, Index rows) {
    double* const out = place_of(slice) + first * features_.stride();
    features_.fill(features_.slices()[slice], tile, first, rows, out);
    held_[slice % kept_] = first + rows == tile.rows() ? slice : kNone;
    return out;
  }

  /// The slice's features of all the tile's records; made where they are not at hand.
  const double* features(std::size_t slice) {
    if (held_[slice % kept_] != slice) {
      features_.fill(features_.slices()[slice], tile, 0, tile.rows(), place_of(slice));
      held_[slice % kept_] = slice;
    }
    return place_of(slice);
  }

  /// Room for the tile's records of `width` numbers each.
  double* whitened(Index width) {
    if (!whitened_) whitened_ = make_scratch(static_cast<std::size_t>(kRows * width));
    return whitened_.get();
  }

  mixture::RecordTile tile;
  CentredTile centred;
  Scratch scores;       // rows x padded components
  Scratch log_density;  // rows
  BlockMoments moments;

 private:
  static constexpr std::size_t kMostKept =
      3;  // slices: they share the second-level cache with the parameters
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  double* place_of(std::size_t slice) { return buffer_.get() + slice % kept_ * room_; }

  static constexpr Index kRows = mixture::RecordTile::kMostRows;

  Features features_;
  std::size_t kept_;
  std::vector<std::size_t> held_;  // the slice in each place of the buffer
  std::size_t room_;
  Scratch buffer_, whitened_;
};

}  // namespace jensen::gmm
