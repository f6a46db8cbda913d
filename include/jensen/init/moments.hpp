#pragma once

#include "jensen/comm/communicator.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/data/shard.hpp"

namespace jensen {

/// Total weight, mean and variance of every feature, in two passes. `minimum` and `maximum` are those of the
/// records of positive weight over all ranks. Scaling a feature by a power of two scales its results exactly.
/// Throws InputError where a feature spans more than a double can hold.
FeatureSummary summarise_features(const DenseShard& shard, const Communicator& comm, const Vector& minimum,
                                  const Vector& maximum);

/// Throws InputError unless at least `components` different records have positive weight.
void require_distinct_records(const DenseShard& shard, const Communicator& comm, Index components);

}  // namespace jensen
