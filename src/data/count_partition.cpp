#include "jensen/data/count_partition.hpp"

#include <algorithm>
#include <utility>

#include "jensen/data/partition.hpp"

namespace jensen {
namespace {

/// Units of work in a block. The quotient is rounded down, which makes up to twice the blocks wanted.
std::int64_t block_work(Index documents, std::int64_t entries) {
  constexpr Index kDocuments = 2048, kLeastBlocks = 256;
  const Index wanted = std::clamp<Index>(documents / kDocuments, kLeastBlocks, kMostBlocks / 2);
  return std::max<std::int64_t>((documents + entries) / wanted, 1);
}

}  // namespace

CountBlockRule::CountBlockRule(Index documents, std::int64_t entries, Index asked)
    : by_documents_(asked > 0),
      size_(asked > 0 ? std::max(asked, (documents + kMostBlocks - 1) / kMostBlocks)
                      : block_work(documents, entries)) {}

std::vector<BlockStart> block_starts(const CountBlockRule& rule, Index first,
                                     std::span<const std::int64_t> offsets) {
  std::vector<BlockStart> starts;
  for (std::size_t i = first > 0 ? 1 : 0; i < offsets.size(); ++i) {
    const Index document = first > 0 ? first + static_cast<Index>(i) - 1 : static_cast<Index>(i);
    if (rule.begins_block(document, offsets[i], offsets[i - std::min<std::size_t>(i, 1)]))
      starts.push_back({document, offsets[i]});
  }
  return starts;
}

CountPartition::CountPartition(std::vector<BlockStart> starts, Index documents, std::int64_t entries,
                               int rank, int size)
    : bounds_(std::move(starts)), first_blocks_(static_cast<std::size_t>(size) + 1), rank_(rank) {
  bounds_.push_back({documents, entries});
  const std::int64_t work = documents + entries, share = work / size, rest = work % size;
  Index block = 0;
  for (int r = 1; r < size; ++r) {
    const std::int64_t share_begin = share * r + rest * r / size;
    while (block < blocks() && (work_before(block) + work_before(block + 1)) / 2 < share_begin) ++block;
    first_blocks_[static_cast<std::size_t>(r)] = block;
  }
  first_blocks_.back() = blocks();
}

Index CountPartition::most_documents_in_a_block() const {
  Index most = 0;
  for (Index b = 0; b < blocks(); ++b)
    most = std::max(most, first_document_of_block(b + 1) - first_document_of_block(b));
  return most;
}

}  // namespace jensen
