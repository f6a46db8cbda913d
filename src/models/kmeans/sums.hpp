#pragma once

#include "jensen/models/kmeans/kmeans.hpp"

namespace jensen::kmeans {

/// Adds the sums of a block by the labels that `memory` has. The sum of a cluster goes over its own records
/// in their order, whatever the other clusters are, so that those of clusters that were not touched are taken
/// from the memory.
void add_sums(const DenseBlock& block, Found found, Memory& memory, Sums& sums);

}  // namespace jensen::kmeans
