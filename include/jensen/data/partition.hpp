#pragma once

#include <algorithm>

#include "jensen/core/types.hpp"

namespace jensen {

/// Rows of a block: 2048, or fewer so that there are at least 256 blocks (a multiple of 8, at least 8), or
/// more so that there are at most 2^21 (the bound of `ExactSum`). A function of the number of records alone.
Index default_block_rows(Index records);

/// Blocks that an `ExactSum` is sure to take.
inline constexpr Index kMostBlocks = Index{1} << 21;

/// Rows of a block as asked for, 0 = the default; never more than there are records.
Index chosen_block_rows(Index asked, Index records);

/// Which records form a block and which blocks belong to a rank. Blocks are fixed slices of the global
/// numbering, the same for every number of ranks; each rank owns a contiguous run of them, possibly none.
struct Partition {
  Index records = 0;
  Index block_rows = 8;
  int rank = 0;
  int size = 1;

  Index blocks() const { return (records + block_rows - 1) / block_rows; }

  Index first_block_of(int r) const { return blocks() / size * r + std::min<Index>(r, blocks() % size); }
  Index first_block() const { return first_block_of(rank); }
  Index own_blocks() const { return first_block_of(rank + 1) - first_block_of(rank); }

  Index first_record_of(int r) const { return std::min(first_block_of(r) * block_rows, records); }
  Index first_record() const { return first_record_of(rank); }
  Index own_records() const { return first_record_of(rank + 1) - first_record_of(rank); }

  /// Rows of this rank's i-th block.
  Index rows_of(Index i) const { return std::min(block_rows, records - (first_block() + i) * block_rows); }
  int owner_of_record(Index record) const;
};

}  // namespace jensen
