#pragma once

#include <cstdint>
#include <span>

#include "jensen/core/aligned.hpp"
#include "jensen/core/cache_lines.hpp"
#include "jensen/core/nearest.hpp"
#include "jensen/data/block.hpp"

namespace jensen {

/// Reads records of a block, whether prepared or as stored, in internal coordinates: one by one, or into
/// tiles D x kTileRows<T>, a feature's records side by side from the start of a cache line.
class TileReader {
 public:
  explicit TileReader(const DenseBlock& block);

  Index features() const { return features_; }

  /// The records of any rows, one after the other, each with zeros up to whole vectors; `to` starts on a
  /// cache line.
  void copy(std::span<const std::int32_t> rows, double* to) const;
  /// Those of consecutive rows likewise, `stride` numbers apart, a multiple of 8.
  void copy(Index first, Index count, double* to, Index stride) const;

  /// The records of consecutive rows, kTileRows<T> at most; the last one again in lanes that are left.
  template <class T>
  void read(Index first, Index count, T* tile) const;

  /// The records of any rows, likewise.
  template <class T>
  void gather(std::span<const std::int32_t> rows, T* tile) const;

  /// The cache lines in which the records of these rows lie, or of consecutive ones as far as there are any.
  void find_lines(std::span<const std::int32_t> rows, CacheLineList& lines) const;
  void find_lines(Index first, Index count, CacheLineList& lines) const;

 private:
  template <class Visit>
  void visit(Visit visit) const;

  Index rows_, features_;
  const float* floats_ = nullptr;
  const double* doubles_ = nullptr;
  Scratch shift_, scale_;  // D, and zeros up to whole vectors
};

}  // namespace jensen
