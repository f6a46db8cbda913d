#include "jensen/data/tiles.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "jensen/data/shard.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

DenseShard moved_shard(Index records, Index features, DenseShard::Storage storage) {
  DenseShard shard({records, records}, features, storage, false);
  const RowMatrix rows = test::normal_records(records, features, 5);
  shard.fill(0, records, rows.data());
  return shard.with_transform({Vector::LinSpaced(features, -1, 1),
                               Vector::Constant(features, 2) + Vector::LinSpaced(features, 0, 3)});
}

RowMatrix internal_records(const DenseShard& shard) {
  RowMatrix rows(shard.global_records(), shard.features());
  for (Index n = 0; n < rows.rows(); ++n) rows.row(n) = shard.original_record(n);
  return shard.transform().to_internal(rows);
}

/// Whether the lanes of a tile hold these rows, the last one again in those that are left.
template <class T>
bool holds(const T* tile, const RowMatrix& records, const std::vector<std::int32_t>& rows) {
  for (Index i = 0; i < kTileRows<T>; ++i) {
    const std::size_t at = std::min(static_cast<std::size_t>(i), rows.size() - 1);
    for (Index d = 0; d < records.cols(); ++d)
      if (tile[d * kTileRows<T> + i] != static_cast<T>(records(rows[at], d))) return false;
  }
  return true;
}

/// Whether the lines that hold these rows are told, in order, whether row by row or all from the first on.
void check_lines(const TileReader& reader, const DenseBlock& block, std::span<const std::int32_t> rows) {
  const Index size = block.features() * static_cast<Index>(block.stored.floats != nullptr ? 4 : 8);
  const char* const values =
      block.records.data() != nullptr  ? reinterpret_cast<const char*>(block.records.data())
      : block.stored.floats != nullptr ? reinterpret_cast<const char*>(block.stored.floats)
                                       : reinterpret_cast<const char*>(block.stored.doubles);
  CacheLineList lines, expected;
  reader.find_lines(rows, lines);
  for (const std::int32_t row : rows) {
    for (Index byte = row * size; byte < (row + 1) * size; ++byte) {
      const char* const line = values + byte / 64 * 64;
      if (byte == row * size || byte % 64 == 0) expected.push_back(line);
    }
  }
  CHECK(lines == expected);
  reader.find_lines(rows.front(), block.rows(), lines);
  CHECK(lines.front() == expected.front());
  CHECK(lines.back() == values + (block.rows() * size - 1) / 64 * 64);
}

template <class T>
void check_tiles(const DenseBlock& block, const RowMatrix& records) {
  const TileReader reader(block);
  const auto tile = make_scratch<T>(static_cast<std::size_t>(records.cols() * kTileRows<T>));
  const Index most = std::min(kTileRows<T>, records.rows());
  for (const Index count : {Index{1}, most / 2 + 1, most}) {
    std::vector<std::int32_t> last(static_cast<std::size_t>(count)), odd;
    std::iota(last.begin(), last.end(), static_cast<std::int32_t>(records.rows() - count));
    reader.read(last.front(), count, tile.get());
    CHECK(holds(tile.get(), records, last));
    for (const std::int32_t row : last)
      if (row % 2 != 0 || row == last.back()) odd.push_back(row);
    check_lines(reader, block, odd);
    reader.gather(odd, tile.get());
    CHECK(holds(tile.get(), records, odd));
  }
}

void check_copies(const DenseBlock& block, const RowMatrix& records) {
  const Index stride = simd::padded<double>(records.cols());
  const auto copies = make_scratch(static_cast<std::size_t>(records.rows() * stride));
  std::vector<std::int32_t> rows(static_cast<std::size_t>(records.rows()));
  std::iota(rows.rbegin(), rows.rend(), 0);
  TileReader(block).copy(rows, copies.get());
  RowMatrix expected = RowMatrix::Zero(records.rows(), stride);
  expected.leftCols(records.cols()) = records.colwise().reverse();
  CHECK(Eigen::Map<const RowMatrix>(copies.get(), records.rows(), stride) == expected);
}

}  // namespace

TEST_CASE("Tiles and copies hold the records, whatever the shape and the type", "[tiles]") {
  for (const Index features : {1, 2, 3, 5, 8, 13, 16, 17, 20, 31, 33, 64}) {
    for (const Index records : {1, 7, 40, 100}) {
      for (const auto storage : {DenseShard::Storage::float32, DenseShard::Storage::float64}) {
        INFO(records << " x " << features << ", " << (storage == DenseShard::Storage::float32));
        const DenseShard shard = moved_shard(records, features, storage);
        const RowMatrix expected = internal_records(shard);
        DenseShard::Buffer buffer, other;
        for (const DenseBlock& block : {shard.block(0, buffer), shard.stored().block(0, other)}) {
          check_tiles<float>(block, expected);
          check_tiles<double>(block, expected);
          check_copies(block, expected);
        }
      }
    }
  }
}
