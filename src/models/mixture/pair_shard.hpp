#pragma once

#include "jensen/core/aligned.hpp"
#include "jensen/data/partition.hpp"
#include "jensen/models/mixture/sampler.hpp"

namespace jensen::mixture {

/// Records drawn from two mixtures, in pairs: a shard whose records are made as they are wanted. Blocks are
/// fixed slices of the numbering of the draws.
class PairShard {
 public:
  static constexpr Index kBlockRows = 2048;

  struct Block {
    Index first_draw;
    RowMatrixView p, q;  // B x D each, in the data's units
  };
  struct Buffer {
    AlignedVector<double> p, q;
  };

  /// Draws begin ... end - 1, `begin` being that of a block, over so many ranks.
  PairShard(const Sampler& p, const Sampler& q, Index begin, Index end, int rank, int size)
      : p_(p), q_(q), begin_(begin), partition_{end - begin, kBlockRows, rank, size} {}

  Index block_count() const { return partition_.own_blocks(); }
  Block block(Index i, Buffer& buffer) const {
    const Index rows = partition_.rows_of(i);
    const Index first = begin_ + partition_.first_record() + i * kBlockRows;
    return {first, draw(p_, first, rows, buffer.p), draw(q_, first, rows, buffer.q)};
  }

 private:
  static RowMatrixView draw(const Sampler& sampler, Index first, Index rows, AlignedVector<double>& values) {
    const auto features = static_cast<std::size_t>(sampler.features());
    values.resize(static_cast<std::size_t>(rows) * features);
    for (Index n = 0; n < rows; ++n)
      sampler.draw(first + n, std::span(values).subspan(static_cast<std::size_t>(n) * features, features));
    return {values.data(), rows, sampler.features()};
  }

  const Sampler& p_;
  const Sampler& q_;
  Index begin_;
  Partition partition_;
};

}  // namespace jensen::mixture
