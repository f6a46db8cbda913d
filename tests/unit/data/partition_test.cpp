#include "jensen/data/partition.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

using jensen::chosen_block_rows;
using jensen::default_block_rows;
using jensen::Index;
using jensen::kMostBlocks;
using jensen::Partition;

namespace {

const std::vector<Index> kRecords = {1, 2, 7, 8, 9, 63, 64, 65, 100, 1000, 4097};
const std::vector<int> kSizes = {1, 2, 3, 4, 7, 13, 100};

Partition part(Index records, Index block_rows, int rank, int size) {
  return {.records = records, .block_rows = block_rows, .rank = rank, .size = size};
}

}  // namespace

TEST_CASE("every record has one owner, and ranks own contiguous runs in order", "[partition]") {
  for (const Index records : kRecords) {
    for (const Index block_rows : {Index{1}, Index{8}, Index{24}, default_block_rows(records)}) {
      for (const int size : kSizes) {
        CAPTURE(records, block_rows, size);
        Index next_record = 0, next_block = 0;
        for (int rank = 0; rank < size; ++rank) {
          const Partition mine = part(records, block_rows, rank, size);
          REQUIRE(mine.first_block() == next_block);
          REQUIRE(mine.own_blocks() >= 0);
          REQUIRE(mine.first_record() == next_record);
          Index rows = 0;
          for (Index i = 0; i < mine.own_blocks(); ++i) {
            REQUIRE(mine.rows_of(i) >= 1);
            REQUIRE(mine.rows_of(i) <= block_rows);
            rows += mine.rows_of(i);
          }
          REQUIRE(rows == mine.own_records());
          for (Index own = 0; own < rows; ++own) REQUIRE(mine.owner_of_record(next_record + own) == rank);
          next_record += rows;
          next_block += mine.own_blocks();
        }
        REQUIRE(next_record == records);
        REQUIRE(next_block == part(records, block_rows, 0, size).blocks());
      }
    }
  }
}

TEST_CASE("ranks differ by at most one block", "[partition]") {
  for (const int size : kSizes) {
    const Partition any = part(4097, 8, 0, size);
    for (int rank = 0; rank < size; ++rank) {
      const Index own = part(4097, 8, rank, size).own_blocks();
      CHECK(own >= any.blocks() / size);
      CHECK(own <= any.blocks() / size + 1);
    }
  }
}

TEST_CASE("ranks beyond the number of blocks own nothing", "[partition]") {
  for (int rank = 0; rank < 13; ++rank) {
    const Partition mine = part(20, 8, rank, 13);
    CHECK(mine.own_blocks() == (rank < 3 ? 1 : 0));
    CHECK(mine.own_records() == (rank < 2 ? 8 : rank == 2 ? 4 : 0));
    CHECK(mine.first_record() == (rank < 3 ? 8 * rank : 20));
  }
  const Partition single = part(1, default_block_rows(1), 0, 7);
  CHECK(single.blocks() == 1);
  CHECK(single.own_records() == 1);
  CHECK(single.rows_of(0) == 1);
  CHECK(part(1, default_block_rows(1), 6, 7).own_records() == 0);
}

TEST_CASE("the boundaries of blocks do not depend on the number of ranks", "[partition]") {
  const auto starts = [](int size) {
    std::vector<Index> records;
    for (int rank = 0; rank < size; ++rank) {
      const Partition mine = part(1000, 24, rank, size);
      for (Index i = 0; i < mine.own_blocks(); ++i) records.push_back(mine.first_record() + 24 * i);
    }
    return records;
  };
  for (const int size : kSizes) CHECK(starts(size) == starts(1));
}

TEST_CASE("the default block size keeps its rule for any number of records", "[partition]") {
  std::vector<Index> counts = kRecords;
  for (int bit = 0; bit < 50; ++bit) {
    for (const Index step : {-1, 0, 1}) counts.push_back(std::max<Index>((Index{1} << bit) + step, 1));
  }
  counts.insert(counts.end(), {2048 * 256, 2048 * kMostBlocks, 2048 * kMostBlocks + 1, 1'000'000'007});
  Index before = 0;
  std::sort(counts.begin(), counts.end());
  for (const Index records : counts) {
    const Index rows = default_block_rows(records), blocks = part(records, rows, 0, 1).blocks();
    CAPTURE(records, rows);
    CHECK(rows % 8 == 0);
    CHECK(rows >= 8);
    CHECK(rows >= before);
    CHECK(blocks <= kMostBlocks);
    if (records >= 8 * 256) CHECK(blocks >= 256);
    if (records <= 2048 * kMostBlocks) CHECK(rows <= 2048);
    before = rows;
  }
  CHECK(default_block_rows(0) == 8);
  CHECK(default_block_rows(100) == 8);
  CHECK(default_block_rows(256 * 48 + 5) == 48);
  CHECK(default_block_rows(10'000'000) == 2048);
  CHECK(default_block_rows(4096 * kMostBlocks) == 4096);
  CHECK(chosen_block_rows(0, 100) == 8);
  CHECK(chosen_block_rows(3, 100) == 3);
  CHECK(chosen_block_rows(std::numeric_limits<Index>::max(), 100) == 100);
}
