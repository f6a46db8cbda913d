#pragma once

#include "centred.hpp"
#include "jensen/models/gmm/features.hpp"

namespace jensen::gmm {

/// What a local step of one block works on: a tile of records and what is made of it.
class Workspace {
 public:
  Workspace(const Features& features, Index records_features, Index components_padded, Index most_rows)
      : tile(records_features, most_rows),
        centred(records_features, most_rows),
        scores(make_scratch(static_cast<std::size_t>(tile.column_stride() * components_padded))),
        log_density(make_scratch(static_cast<std::size_t>(tile.column_stride()))),
        features_(features),
        kept_(std::min<std::size_t>(features.slices().size(), kMostKept)),
        held_(kept_, kNone),
        room_(static_cast<std::size_t>(features.room(tile.column_stride()))),
        buffer_(make_scratch(kept_ * room_)) {}

  /// Calls `visit` for each tile of the block.
  template <class Visit>
  void for_each_tile(const DenseBlock& block, Visit visit) {
    tile.for_each(block, [&] {
      held_.assign(kept_, kNone);
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
    if (!whitened_) whitened_ = make_scratch(static_cast<std::size_t>(tile.column_stride() * width));
    return whitened_.get();
  }

  mixture::RecordTile tile;
  CentredTile centred;
  Scratch scores;       // rows x padded components
  Scratch log_density;  // rows

 private:
  static constexpr std::size_t kMostKept =
      3;  // slices: they share the second-level cache with the parameters
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  double* place_of(std::size_t slice) { return buffer_.get() + slice % kept_ * room_; }

  const Features& features_;
  std::size_t kept_;
  std::vector<std::size_t> held_;  // the slice in each place of the buffer
  std::size_t room_;
  Scratch buffer_, whitened_;
};

}  // namespace jensen::gmm
