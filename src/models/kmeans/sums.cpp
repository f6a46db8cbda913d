#include "sums.hpp"

#include <algorithm>

namespace jensen::kmeans {
namespace {

/// Sums are remembered where they take at most a fraction of the block's records.
constexpr Index kRowsPerRememberedCluster = 8;

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

}  // namespace

void add_records(const DenseBlock& block, const TileReader& reader, std::span<const std::int32_t> rows,
                 const std::vector<std::int32_t>& labels, ClusterSums& sums) {
  constexpr std::size_t kTogether = 16;
  const auto stride = static_cast<std::size_t>(simd::padded<double>(block.features()));
  const auto records = make_scratch(kTogether * stride);
  for (; !rows.empty(); rows = rows.subspan(std::min(kTogether, rows.size()))) {
    const auto some = rows.first(std::min(kTogether, rows.size()));
    reader.copy(some, records.get());
    for (std::size_t i = 0; i < some.size(); ++i) {
      const double weight = block.weight(some[i]);
      if (!(weight > 0)) continue;  // absent: its square may not even fit a double
      sums.add(records.get() + i * stride, weight, labels[static_cast<std::size_t>(some[i])]);
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
    add_records(block, TileReader(block), rows_of(found.touched, memory.labels), memory.labels, found.sums);
  }
  auto first = sums.first();
  auto sizes = sums.sizes();
  auto squares = sums.squares();
  double square = 0;
  for (Index k = 0; k < clusters; ++k) {
    const double* const sum = found.sums.first(k);
    double* const moments = first.row(k).data();
    for (Index d = 0; d < features; ++d) moments[d] += sum[d];
    sizes[k] += found.sums.size(k);
    squares[k] += found.sums.square(k);
    square += found.sums.square(k);
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
