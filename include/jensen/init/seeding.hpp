#pragma once

#include <span>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/data/shard.hpp"

namespace jensen {

/// First centroids, K x D, in the internal coordinates of the shard. All are functions of the data, the seed
/// and K alone: choices are exponential races keyed by (seed, round, record), ties to the lowest record.
/// They throw InputError where fewer than K different records have positive weight.

/// k-means++ (Arthur and Vassilvitskii 2007): each next centroid is a record chosen with probability
/// proportional to weight times squared distance from the nearest centroid so far. K passes.
RowMatrix seed_kmeans_plus_plus(const DenseShard& shard, const Communicator& comm, Index components,
                                std::uint64_t seed);

/// K different records, each chosen with probability proportional to its weight. K passes.
RowMatrix seed_random_records(const DenseShard& shard, const Communicator& comm, Index components,
                              std::uint64_t seed);

/// Candidates of k-means|| (Bahmani et al. 2012) with the weight of the records nearest to each.
struct Candidates {
  RowMatrix positions;          // at least K rows, all different
  std::vector<double> weights;  // one per row
};

/// Oversamples about 2 K records in each of five rounds, whatever K: 6 passes over the records. The
/// candidates want reducing to K, by weighted k-means on them alone.
Candidates oversample_kmeans_parallel(const DenseShard& shard, const Communicator& comm, Index components,
                                      std::uint64_t seed);

}  // namespace jensen
