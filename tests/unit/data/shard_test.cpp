#include "jensen/data/shard.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <vector>

#include "support/data.hpp"

using jensen::DenseBlock;
using jensen::DenseShard;
using jensen::Index;
using jensen::Partition;
using jensen::RowMatrix;

namespace {

RowMatrix random_rows(Index rows, Index features) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal(5.0, 3.0);
  return RowMatrix::NullaryExpr(rows, features, [&] { return normal(random); });
}

std::vector<double> counting_weights(Index rows) {
  std::vector<double> weights(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<double>(i) + 0.5;
  return weights;
}

DenseShard empty_shard(Index rows, Index features, DenseShard::Storage storage, bool weighted = false) {
  return {Partition{.records = rows, .block_rows = 8}, features, storage, weighted};
}

RowMatrix all_blocks(const DenseShard& shard) {
  RowMatrix rows(shard.partition().own_records(), shard.features());
  DenseShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const DenseBlock block = shard.block(i, buffer);
    rows.middleRows(block.first_record - shard.partition().first_record(), block.rows()) = block.records;
  }
  return rows;
}

}  // namespace

TEST_CASE("a shard filled in two pieces, split anywhere, holds the records", "[shard]") {
  const RowMatrix rows = random_rows(43, 3);
  for (Index split = 0; split <= rows.rows(); ++split) {
    DenseShard shard = empty_shard(rows.rows(), 3, DenseShard::Storage::float64);
    shard.fill(split, rows.rows() - split, rows.data() + split * 3);
    shard.fill(0, split, rows.data());
    REQUIRE(all_blocks(shard) == rows);
  }
}

TEST_CASE("a shard filled record by record holds the records", "[shard]") {
  const RowMatrix rows = random_rows(20, 2);
  DenseShard shard = empty_shard(20, 2, DenseShard::Storage::float64);
  for (Index row = 0; row < 20; ++row) shard.fill(row, 1, rows.row(row).data());
  CHECK(all_blocks(shard) == rows);
}

TEST_CASE("single precision is kept as read and widened exactly", "[shard]") {
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows =
      random_rows(19, 4).cast<float>();
  DenseShard shard = empty_shard(19, 4, DenseShard::Storage::float32);
  shard.fill(0, 19, rows.data());
  CHECK(all_blocks(shard) == rows.cast<double>());
  CHECK(shard.original_record(18) == rows.row(18).cast<double>());

  DenseShard narrowed = empty_shard(19, 4, DenseShard::Storage::float32);
  const RowMatrix wide = random_rows(19, 4);
  narrowed.fill(0, 19, wide.data());
  CHECK(all_blocks(narrowed) == all_blocks(shard));

  DenseShard widened = empty_shard(19, 4, DenseShard::Storage::float64);
  widened.fill(0, 19, rows.data());
  CHECK(all_blocks(widened) == all_blocks(shard));
}

TEST_CASE("the blocks of all ranks are those of one rank, for any number of ranks", "[shard]") {
  const RowMatrix rows = random_rows(101, 3);
  const std::vector<double> weights = counting_weights(101);
  for (const int size : {1, 2, 3, 4, 7, 13, 20}) {
    RowMatrix together = RowMatrix::Zero(101, 3);
    for (int rank = 0; rank < size; ++rank) {
      const Partition partition{.records = 101, .block_rows = 8, .rank = rank, .size = size};
      const Index first = partition.first_record(), own = partition.own_records();
      DenseShard shard(partition, 3, DenseShard::Storage::float64, /*weighted=*/true);
      shard.fill(0, own, rows.data() + first * 3);
      shard.fill_weights(
          0, std::span(weights).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(own)));
      together.middleRows(first, own) = all_blocks(shard);
      DenseShard::Buffer buffer;
      for (Index i = 0; i < shard.block_count(); ++i) {
        const DenseBlock block = shard.block(i, buffer);
        REQUIRE(block.first_record % 8 == 0);
        REQUIRE(block.weight(0) == static_cast<double>(block.first_record) + 0.5);
      }
      for (Index i = 0; i < own; ++i) REQUIRE(shard.original_record(i) == rows.row(first + i));
    }
    REQUIRE(together == rows);
  }
}

TEST_CASE("blocks start on a cache line and keep a record's features together", "[shard]") {
  const DenseShard shard = jensen::make_serial_shard(random_rows(50, 3));
  DenseShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const DenseBlock block = shard.block(i, buffer);
    CHECK(reinterpret_cast<std::uintptr_t>(block.records.data()) % 64 == 0);
    CHECK(block.records.row(1).data() - block.records.data() == block.features());
  }
}

TEST_CASE("a transform changes the blocks, not the records", "[shard]") {
  const RowMatrix rows = random_rows(30, 2);
  const DenseShard shard = jensen::make_serial_shard(rows);
  const jensen::Transform transform{.shift = jensen::Vector::Constant(2, 4.75),
                                    .scale = (jensen::Vector(2) << 0.5, 8.0).finished()};
  const DenseShard moved = shard.with_transform(transform);
  CHECK(all_blocks(moved) == transform.to_internal(rows));
  CHECK(all_blocks(shard) == rows);
  CHECK(moved.original_record(17) == rows.row(17));
  CHECK(transform.to_original(transform.to_internal(rows)).isApprox(rows, 1e-15));
  CHECK(transform.log_scale() == Approx(std::log(4.0)));
  CHECK(jensen::Transform::identity(2).log_scale() == 0);
}

TEST_CASE("weights follow their records into the blocks", "[shard]") {
  const std::vector<double> weights = counting_weights(21);
  const RowMatrix rows = random_rows(21, 1);
  const DenseShard shard = jensen::make_serial_shard(rows, weights);
  DenseShard::Buffer buffer;
  const DenseBlock last = shard.block(2, buffer);
  CHECK(shard.weighted());
  CHECK(last.rows() == 5);
  CHECK(last.weight(4) == 20.5);
  CHECK(last.total_weight() == 16.5 + 17.5 + 18.5 + 19.5 + 20.5);
  Eigen::ArrayXd values = Eigen::ArrayXd::Constant(5, 2.0);
  last.apply_weights(values);
  CHECK(values[4] == 41.0);
}

TEST_CASE("records without weights weigh one", "[shard]") {
  const DenseShard shard = jensen::make_serial_shard(random_rows(5, 1));
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.block(0, buffer);
  CHECK_FALSE(shard.weighted());
  CHECK(block.weight(3) == 1.0);
  CHECK(block.total_weight() == 5.0);
  Eigen::ArrayXd values = Eigen::ArrayXd::Constant(5, 2.0);
  block.apply_weights(values);
  CHECK((values == 2.0).all());
  const DenseShard weighted = empty_shard(5, 1, DenseShard::Storage::float64, /*weighted=*/true);
  CHECK(weighted.block(0, buffer).total_weight() == 5.0);
}

TEST_CASE("a rank without records has a shard without blocks", "[shard]") {
  const Partition partition{.records = 8, .block_rows = 8, .rank = 3, .size = 4};
  DenseShard shard(partition, 2, DenseShard::Storage::float64, /*weighted=*/true);
  shard.fill(0, 0, static_cast<const double*>(nullptr));
  shard.fill_weights(0, {});
  CHECK(shard.block_count() == 0);
  CHECK(shard.global_records() == 8);
}

TEST_CASE("records keep their places whatever the shape, the pieces and the type", "[shard]") {
  for (const Index features : {1, 7, 8, 9, 16, 33}) {
    for (const Index records : {1, 8, 13, 100}) {
      for (const Index block_rows : {8, 24, 64}) {
        for (const auto storage : {DenseShard::Storage::float32, DenseShard::Storage::float64}) {
          DenseShard shard({records, block_rows}, features, storage, false);
          const auto value = [&](Index n, Index d) { return static_cast<double>(n * features + d) - 50; };
          const RowMatrix rows = RowMatrix::NullaryExpr(records, features, value);
          const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> floats =
              rows.cast<float>();
          const Index cut = records * 2 / 3;
          shard.fill(0, cut, rows.data());
          shard.fill(cut, records - cut, floats.data() + cut * features);
          DenseShard::Buffer buffer;
          Index first = 0;
          for (Index i = 0; i < shard.block_count(); ++i) {
            const DenseBlock block = shard.block(i, buffer);
            CHECK(RowMatrix(block.records) == rows.middleRows(first, block.rows()));
            first += block.rows();
          }
          CHECK(first == records);
          CHECK(shard.original_record(records - 1) == rows.row(records - 1));
        }
      }
    }
  }
}
