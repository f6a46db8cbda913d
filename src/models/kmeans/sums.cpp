#include "sums.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace jensen::kmeans {
namespace {

constexpr Index kWidth = kTileRows<double>;
constexpr Index kLanes = simd::kLanes<double>;
/// Sums are remembered where they take at most a fraction of the block's records.
constexpr Index kRowsPerRememberedCluster = 8;

using Eight = double __attribute__((vector_size(64), aligned(64)));

/// Turns 8 rows of 8 numbers, kWidth apart, into columns, `stride` apart.
void transpose_eight(const double* from, double* to, Index stride) {
  Eight a[8], b[8];
  for (int i = 0; i < 8; ++i) a[i] = *reinterpret_cast<const Eight*>(from + i * kWidth);
  for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (const int i : {0, 1, 4, 5}) {
    a[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + 2] = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; ++i) {
    b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[i + 4] = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 8; ++i) *reinterpret_cast<Eight*>(to + i * stride) = b[i];
}

/// Records whose cluster was touched.
std::vector<std::int32_t> rows_of(const std::vector<std::uint8_t>& touched,
                                  const std::vector<std::int32_t>& labels) {
  std::vector<std::int32_t> rows(labels.size());
  std::size_t count = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    rows[count] = static_cast<std::int32_t>(row);
    count += touched[static_cast<std::size_t>(labels[row])];
  }
  rows.resize(count);
  return rows;
}

/// Fills in what follows the features of a tile: ones, |z|^2, and zeros.
void add_features(Index features, Index stride, double* tile) {
  constexpr Index kVectors = kWidth / kLanes;
  simd::Doubles squares[std::size_t{kVectors}] = {};
  for (Index d = 0; d < features; ++d) {
    for (Index v = 0; v < kVectors; ++v) {
      const simd::Doubles value = simd::load(tile + d * kWidth + v * kLanes);
      squares[v] = simd::fma(value, value, squares[v]);
    }
  }
  double* const ones = tile + features * kWidth;
  std::fill_n(ones, kWidth, 1.0);
  for (Index v = 0; v < kVectors; ++v) simd::store(squares[v], ones + kWidth + v * kLanes);
  std::fill_n(ones + 2 * kWidth, (stride - features - 2) * kWidth, 0.0);
}

/// Adds these records to the sums of their clusters.
void add_rows(const DenseBlock& block, std::span<const std::int32_t> rows,
              const std::vector<std::int32_t>& labels, ClusterSums& sums) {
  const TileReader reader(block);
  const Index stride = sums.stride() * kWidth, total = static_cast<Index>(rows.size());
  const Index batch = reader.batch<double>();
  TileBuffer<double> tiles(sums.stride() * batch);
  std::array<std::int32_t, static_cast<std::size_t>(kWidth)> own_labels;
  std::array<double, own_labels.size()> weights;
  for (Index first = 0; first < total; first += batch) {
    const auto part = rows.subspan(static_cast<std::size_t>(first),
                                   static_cast<std::size_t>(std::min(batch, total - first)));
    if (part.back() - part.front() + 1 == static_cast<std::int32_t>(part.size())) {
      reader.read(part.front(), static_cast<Index>(part.size()), tiles.data(), stride);
    } else {
      reader.gather(part, tiles.data(), stride);
    }
    for (Index begin = 0; begin < static_cast<Index>(part.size()); begin += kWidth) {
      const Index lanes = std::min(kWidth, static_cast<Index>(part.size()) - begin);
      for (std::size_t i = 0; i < static_cast<std::size_t>(lanes); ++i) {
        const std::int32_t row = part[static_cast<std::size_t>(begin) + i];
        own_labels[i] = labels[static_cast<std::size_t>(row)];
        weights[i] = block.weight(row);
      }
      sums.add(tiles.data() + begin / kWidth * stride, own_labels.data(), weights.data(), lanes);
    }
  }
}

}  // namespace

void ClusterSums::add(double* tile, const std::int32_t* labels, const double* weights, Index count) {
  const Index stride = this->stride();
  alignas(64) std::array<double, static_cast<std::size_t>(kWidth * kLanes)> records;  // of eight rows
  add_features(features_, stride, tile);
  for (Index d = 0; d < stride; d += kLanes) {
    for (Index i = 0; i < kWidth; i += kLanes) {
      transpose_eight(tile + d * kWidth + i, records.data() + i * kLanes, kLanes);
    }
    for (Index i = 0; i < count; ++i) {
      if (!(weights[i] > 0)) continue;  // absent: its square may not even fit a double
      double* const sum = values_.data() + labels[i] * stride + d;
      simd::store(
          simd::fma(simd::Doubles(weights[i]), simd::load(records.data() + i * kLanes), simd::load(sum)),
          sum);
    }
  }
}

void add_sums(const DenseBlock& block, Found found, Memory& memory, Sums& sums) {
  const auto clusters = static_cast<Index>(found.touched.size());
  const Index features = block.features();
  if (found.sums.empty()) {
    found.sums = std::move(memory.sums);
    if (found.sums.empty()) {
      found.sums = ClusterSums(clusters, features);
      std::fill(found.touched.begin(), found.touched.end(), std::uint8_t{1});
    } else {
      for (Index k = 0; k < clusters; ++k) {
        if (found.touched[static_cast<std::size_t>(k)] != 0) found.sums.clear(k);
      }
    }
    add_rows(block, rows_of(found.touched, memory.labels), memory.labels, found.sums);
  }
  auto first = sums.first();
  auto sizes = sums.sizes();
  auto squares = sums.squares();
  double square = 0;
  for (Index k = 0; k < clusters; ++k) {
    const double* const sum = found.sums.of(k);
    double* const moments = first.row(k).data();
    for (Index d = 0; d < features; ++d) moments[d] += sum[d];
    sizes[k] += sum[features];
    squares[k] += sum[features + 1];
    square += sum[features + 1];
  }
  sums.magnitude() += square;
  if (block.weights.empty()) {
    sums.weight() += static_cast<double>(block.rows());
  } else {
    for (const double weight : block.weights) sums.weight() += weight > 0 ? weight : 0;
  }
  sums.records() += static_cast<double>(block.rows());
  const bool keep = memory.seen != nullptr && clusters * kRowsPerRememberedCluster <= block.rows();
  memory.sums = keep ? std::move(found.sums) : ClusterSums();
}

}  // namespace jensen::kmeans
