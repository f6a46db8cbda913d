#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// Where blocks of documents begin: a function of the corpus alone, and of what was asked for.
///
/// The work of a document is its entries and one more, so that empty documents count too. Documents that
/// begin within the same w units of work form a block. The work of the corpus is w times the number of blocks
/// wanted, rounded down: one for 2048 documents, but at least 256 and at most 2^20. There are fewer where a
/// document has more than w, and never more than 2^21 (`kMostBlocks`). Where a number of documents is asked
/// for, blocks have so many, or more for that bound.
class CountBlockRule {
 public:
  /// `entries`: of all documents. `asked`: documents in a block, 0 = by work.
  CountBlockRule(Index documents, std::int64_t entries, Index asked);

  /// Whether a document, whose entries begin at `offset`, begins a block; those of the one before begin at
  /// `offset_before`. Document 0 always does.
  bool begins_block(Index document, std::int64_t offset, std::int64_t offset_before) const {
    return document == 0 || bin_of(document, offset) != bin_of(document - 1, offset_before);
  }

 private:
  std::int64_t bin_of(Index document, std::int64_t offset) const {
    return by_documents_ ? document / size_ : (document + offset) / size_;
  }

  bool by_documents_;
  std::int64_t size_;
};

/// The first document of a block, and where its entries begin.
struct BlockStart {
  Index document = 0;
  std::int64_t entry = 0;
};

/// Blocks that begin in a run of documents from number `first` on. `offsets`: of these documents, with that
/// of the document before them in front of them where there is one.
std::vector<BlockStart> block_starts(const CountBlockRule& rule, Index first,
                                     std::span<const std::int64_t> offsets);

/// Which documents form a block and which blocks belong to a rank. Blocks are the same for every number of
/// ranks; each rank owns a contiguous run of them, possibly none. A block goes to the rank in whose share of
/// the work, a part of `size` equal ones, its middle lies.
class CountPartition {
 public:
  /// `starts`: of all blocks, in order. `documents` and `entries`: of the corpus.
  CountPartition(std::vector<BlockStart> starts, Index documents, std::int64_t entries, int rank = 0,
                 int size = 1);

  int rank() const { return rank_; }
  int size() const { return static_cast<int>(first_blocks_.size()) - 1; }
  Index documents() const { return bounds_.back().document; }
  std::int64_t entries() const { return bounds_.back().entry; }
  Index blocks() const { return static_cast<Index>(bounds_.size()) - 1; }
  Index most_documents_in_a_block() const;

  Index first_block_of(int r) const { return first_blocks_[static_cast<std::size_t>(r)]; }
  Index first_block() const { return first_block_of(rank_); }
  Index own_blocks() const { return first_block_of(rank_ + 1) - first_block(); }

  /// Of block b; b = blocks() gives the end of the last.
  Index first_document_of_block(Index b) const { return bounds_[static_cast<std::size_t>(b)].document; }
  std::int64_t first_entry_of_block(Index b) const { return bounds_[static_cast<std::size_t>(b)].entry; }

  Index first_document() const { return first_document_of_block(first_block()); }
  Index own_documents() const {
    return first_document_of_block(first_block_of(rank_ + 1)) - first_document();
  }
  std::int64_t first_entry() const { return first_entry_of_block(first_block()); }
  std::int64_t own_entries() const { return first_entry_of_block(first_block_of(rank_ + 1)) - first_entry(); }

 private:
  std::int64_t work_before(Index b) const { return first_document_of_block(b) + first_entry_of_block(b); }

  std::vector<BlockStart> bounds_;   // blocks + 1: starts, and the end of the corpus
  std::vector<Index> first_blocks_;  // ranks + 1
  int rank_;
};

}  // namespace jensen
