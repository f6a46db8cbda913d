#pragma once

#include "jensen/models/kmeans/kmeans.hpp"

namespace jensen::kmeans {

/// Adds the records of these rows to the sums of their clusters.
void add_records(const DenseBlock& block, const TileReader& reader, std::span<const std::int32_t> rows,
                 const std::vector<std::int32_t>& labels, ClusterSums& sums);

/// Adds the sums of a block by the labels that `memory` has. The sum of a cluster goes over its own records
/// in their order, whatever the other clusters are, so that those of clusters that were not touched are taken
/// from the memory.
void add_sums(const DenseBlock& block, Found found, Memory& memory, Sums& sums);

}  // namespace jensen::kmeans
