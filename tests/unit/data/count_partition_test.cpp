#include "jensen/data/count_partition.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "jensen/data/partition.hpp"

using namespace jensen;

namespace {

const std::vector<int> kSizes = {1, 2, 3, 4, 7, 13, 100};

/// Offsets of documents whose lengths are `length(n)`.
template <class Length>
std::vector<std::int64_t> offsets_of(Index documents, Length length) {
  std::vector<std::int64_t> offsets = {0};
  for (Index n = 0; n < documents; ++n) offsets.push_back(offsets.back() + length(n));
  return offsets;
}

std::vector<std::int64_t> random_offsets(Index documents, unsigned seed) {
  std::mt19937 random(seed);
  std::geometric_distribution<int> length(0.02);
  return offsets_of(documents, [&](Index n) { return n % 17 == 3 ? 0 : length(random); });
}

std::vector<BlockStart> starts_of(const std::vector<std::int64_t>& offsets, Index asked = 0) {
  const auto documents = static_cast<Index>(offsets.size()) - 1;
  return block_starts({documents, offsets.back(), asked}, 0, std::span(offsets).first(offsets.size() - 1));
}

CountPartition part(const std::vector<std::int64_t>& offsets, int rank, int size, Index asked = 0) {
  return {starts_of(offsets, asked), static_cast<Index>(offsets.size()) - 1, offsets.back(), rank, size};
}

}  // namespace

TEST_CASE("every document has one owner, and ranks own contiguous runs of blocks", "[count_partition]") {
  for (const Index documents : {1, 2, 7, 64, 1000, 5000}) {
    const auto offsets = random_offsets(documents, static_cast<unsigned>(documents));
    const CountPartition alone = part(offsets, 0, 1);
    for (const int size : kSizes) {
      CAPTURE(documents, size);
      Index next_block = 0, next_document = 0;
      for (int rank = 0; rank < size; ++rank) {
        const CountPartition mine = part(offsets, rank, size);
        REQUIRE(mine.rank() == rank);
        REQUIRE(mine.size() == size);
        REQUIRE(mine.blocks() == alone.blocks());
        REQUIRE(mine.first_block() == next_block);
        REQUIRE(mine.own_blocks() >= 0);
        REQUIRE(mine.first_document() == next_document);
        REQUIRE(mine.first_entry() == offsets[static_cast<std::size_t>(next_document)]);
        next_block += mine.own_blocks();
        next_document += mine.own_documents();
        REQUIRE(mine.first_entry() + mine.own_entries() == offsets[static_cast<std::size_t>(next_document)]);
      }
      REQUIRE(next_block == alone.blocks());
      REQUIRE(next_document == documents);
    }
  }
}

TEST_CASE("blocks hold whole documents, each at least one, in order", "[count_partition]") {
  const auto offsets = random_offsets(5000, 5);
  const CountPartition alone = part(offsets, 0, 1);
  REQUIRE(alone.first_document_of_block(0) == 0);
  REQUIRE(alone.first_document_of_block(alone.blocks()) == 5000);
  Index most = 0;
  for (Index b = 0; b < alone.blocks(); ++b) {
    const Index first = alone.first_document_of_block(b), end = alone.first_document_of_block(b + 1);
    REQUIRE(end > first);
    REQUIRE(alone.first_entry_of_block(b) == offsets[static_cast<std::size_t>(first)]);
    most = std::max(most, end - first);
  }
  CHECK(alone.most_documents_in_a_block() == most);
}

TEST_CASE("a corpus has 256 blocks at least, where documents are small enough", "[count_partition]") {
  CHECK(starts_of(offsets_of(256, [](Index) { return 1; })).size() == 256);
  CHECK(starts_of(offsets_of(5000, [](Index) { return 100; })).size() >= 256);
  CHECK(starts_of(offsets_of(5000, [](Index) { return 0; })).size() >= 256);
  CHECK(starts_of(offsets_of(100, [](Index) { return 50; })).size() == 100);
  CHECK(starts_of(offsets_of(1, [](Index) { return 50; })).size() == 1);
}

TEST_CASE("blocks of a large corpus hold the work of 2048 documents", "[count_partition]") {
  const Index documents = 2048 * 400;
  const auto starts = starts_of(offsets_of(documents, [](Index n) { return n % 3; }));
  CHECK(starts.size() >= 400);
  CHECK(starts.size() <= 402);
  // Documents without words are less work, so that a block of them has more.
  const auto uneven = starts_of(offsets_of(documents, [=](Index n) { return n < documents / 2 ? 99 : 0; }));
  CHECK(uneven[1].document - uneven[0].document < 1100);
  CHECK(documents - uneven.back().document > 10000);
}

TEST_CASE("there are never more blocks than an exact sum takes", "[count_partition]") {
  const std::int64_t most = std::int64_t{1} << 40;
  for (const Index documents : {Index{1} << 20, Index{1} << 33, most}) {
    for (const std::int64_t entries : {std::int64_t{0}, documents * 3 / 2, documents * 1000}) {
      const CountBlockRule rule(documents, entries, 0), asked(documents, entries, 1);
      CAPTURE(documents, entries);
      // Bins are as wide as the work that it takes to leave the first, from a document of no words.
      Index low = 1, high = documents + entries;  // begins_block(1, offset) from some offset on
      while (low < high) {
        const Index middle = low + (high - low) / 2;
        if (rule.begins_block(1, middle - 1, -1)) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      CHECK((documents + entries + low - 1) / low <= kMostBlocks);
      Index of_blocks = 1;
      while (!asked.begins_block(of_blocks, 0, 0)) ++of_blocks;
      CHECK((documents + of_blocks - 1) / of_blocks <= kMostBlocks);
    }
  }
}

TEST_CASE("blocks have as many documents as asked for", "[count_partition]") {
  const auto offsets = random_offsets(1000, 6);
  for (const Index asked : {1, 3, 64, 999, 1000, 5000}) {
    const auto starts = starts_of(offsets, asked);
    CAPTURE(asked);
    REQUIRE(static_cast<Index>(starts.size()) == (1000 + asked - 1) / asked);
    for (std::size_t b = 0; b < starts.size(); ++b)
      REQUIRE(starts[b].document == static_cast<Index>(b) * asked);
  }
}

TEST_CASE("runs of documents find the starts that the whole corpus has", "[count_partition]") {
  const auto offsets = random_offsets(3000, 8);
  const CountBlockRule rule(3000, offsets.back(), 0);
  const auto whole = starts_of(offsets);
  for (const Index step : {1, 7, 1000, 3000}) {
    std::vector<BlockStart> joined;
    for (Index first = 0; first < 3000; first += step) {
      const Index before = std::max<Index>(first - 1, 0), end = std::min<Index>(first + step, 3000);
      const auto run = std::span(offsets).subspan(static_cast<std::size_t>(before),
                                                  static_cast<std::size_t>(end - before));
      const auto found = block_starts(rule, first, run);
      joined.insert(joined.end(), found.begin(), found.end());
    }
    CAPTURE(step);
    REQUIRE(joined.size() == whole.size());
    CHECK(std::equal(whole.begin(), whole.end(), joined.begin(), [](const auto& a, const auto& b) {
      return a.document == b.document && a.entry == b.entry;
    }));
  }
}

TEST_CASE("ranks have the same work, to a block, however uneven documents are", "[count_partition]") {
  const Index documents = 20000;
  // The first tenth of the documents has nine tenths of the words.
  const auto offsets = offsets_of(documents, [](Index n) { return n < 2000 ? 81 : 1; });
  const CountPartition alone = part(offsets, 0, 1);
  std::int64_t widest = 0;
  for (Index b = 0; b < alone.blocks(); ++b) {
    widest = std::max(widest, alone.first_entry_of_block(b + 1) - alone.first_entry_of_block(b) +
                                  alone.first_document_of_block(b + 1) - alone.first_document_of_block(b));
  }
  for (const int size : kSizes) {
    const std::int64_t fair = (documents + offsets.back()) / size;
    for (int rank = 0; rank < size; ++rank) {
      const CountPartition mine = part(offsets, rank, size);
      CAPTURE(size, rank);
      CHECK(std::abs(mine.own_documents() + mine.own_entries() - fair) <= widest + 1);
    }
  }
}

TEST_CASE("there may be more ranks than documents", "[count_partition]") {
  const auto offsets = random_offsets(3, 2);
  int owners = 0;
  for (int rank = 0; rank < 13; ++rank) {
    const CountPartition mine = part(offsets, rank, 13);
    owners += mine.own_documents() > 0 ? 1 : 0;
    CHECK(mine.own_entries() >= 0);
  }
  CHECK(owners >= 1);
  CHECK(owners <= 3);
}
