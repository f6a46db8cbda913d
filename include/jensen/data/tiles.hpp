#pragma once

#include <algorithm>
#include <memory>
#include <span>

#include "jensen/core/aligned.hpp"
#include "jensen/core/nearest.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/transform.hpp"

namespace jensen {

/// Memory for tiles, from the start of a cache line; not cleared.
template <class T>
class TileBuffer {
 public:
  explicit TileBuffer(Index numbers)
      : values_(AlignedAllocator<T>().allocate(static_cast<std::size_t>(numbers))) {}
  T* data() { return values_.get(); }

 private:
  struct Free {
    void operator()(T* values) const { AlignedAllocator<T>().deallocate(values, 0); }
  };
  std::unique_ptr<T, Free> values_;
};

/// Reads records of a block, whether prepared or as stored, into tiles of internal coordinates: D x
/// kTileRows<T>, a feature's records side by side from the start of a cache line.
class TileReader {
 public:
  explicit TileReader(const DenseBlock& block);

  Index features() const { return features_; }

  /// Records to read at a time, a multiple of kTileRows<T>: few enough to stay near, as many as make runs
  /// that memory is quick with.
  template <class T>
  Index batch() const {
    constexpr Index kNumbers = (Index{128} << 10) / static_cast<Index>(sizeof(T)), kTiles = 8;
    return kTileRows<T> * std::clamp<Index>(kNumbers / (kTileRows<T> * features_), 1, kTiles);
  }

  /// The records of consecutive rows, a batch at most, into tiles that follow each other `stride` numbers
  /// apart; the last one again in lanes that are left.
  template <class T>
  void read(Index first, Index count, T* tiles, Index stride) const;

  /// The records of any rows in rising order, likewise.
  template <class T>
  void gather(std::span<const std::int32_t> rows, T* tiles, Index stride) const;

  /// Brings the records of a tile that is to be read soon near; they may lie beyond the last.
  template <class T>
  void prefetch(Index first) const;
  void prefetch(std::span<const std::int32_t> rows) const;

 private:
  template <class T, class S, class Pick>
  void fill(const S* values, Index count, T* tiles, Index stride, Pick pick) const;
  double shift(Index d) const { return transform_ != nullptr ? transform_->shift[d] : 0.0; }
  double scale(Index d) const { return transform_ != nullptr ? transform_->scale[d] : 1.0; }

  Index rows_, features_;
  const float* floats_ = nullptr;
  const double* doubles_ = nullptr;
  const Transform* transform_ = nullptr;  // null: in internal coordinates already
};

}  // namespace jensen
