#pragma once

#include <functional>

#include "jensen/data/count_partition.hpp"
#include "jensen/data/partition.hpp"

namespace jensen {

/// How records, dense ones or documents, lie in blocks and blocks on ranks: what it takes to bring results
/// into record order. Made of either kind of partition.
struct RecordLayout {
  RecordLayout(const Partition& partition)
      : rank(partition.rank),
        size(partition.size),
        records(partition.records),
        most_rows(partition.block_rows),
        first_block_of([partition](int r) { return partition.first_block_of(r); }),
        first_record_of_block(
            [partition](Index b) { return std::min(b * partition.block_rows, partition.records); }) {}

  RecordLayout(const CountPartition& partition)
      : rank(partition.rank()),
        size(partition.size()),
        records(partition.documents()),
        most_rows(partition.most_documents_in_a_block()),
        first_block_of([partition](int r) { return partition.first_block_of(r); }),
        first_record_of_block([partition](Index b) { return partition.first_document_of_block(b); }) {}

  Index own_blocks_of(int r) const { return first_block_of(r + 1) - first_block_of(r); }
  Index first_record_of(int r) const { return first_record_of_block(first_block_of(r)); }
  Index first_record() const { return first_record_of(rank); }
  Index own_records() const { return first_record_of(rank + 1) - first_record(); }

  int rank, size;
  Index records;
  Index most_rows;                                    // of any block
  std::function<Index(int)> first_block_of;           // a rank's; that of `size` is the number of blocks
  std::function<Index(Index)> first_record_of_block;  // that of the block behind the last is `records`
};

}  // namespace jensen
