#pragma once

#include <span>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/data/feature_summary.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/run.hpp"

namespace jensen {

enum class StartKind {
  kmeans,            // a whole k-means fit, on features scaled to unit variance
  kmeans_plus_plus,  // seeds only
  kmeans_parallel,
  random,            // random records
  responsibilities,  // random, or given
  labels,            // given
  model,             // the parameters of a model file
};

/// What a model needs to make its first parameters; the same on every rank but for the own records.
struct StartRequest {
  StartKind kind;
  std::uint64_t seed;
  Index components;
  const DenseShard& shard;  // in the model's internal coordinates
  const FeatureSummary& summary;
  const Communicator& comm;
  std::span<const Index> labels = {};             // of the own records: 0 ... K-1
  std::span<const double> responsibilities = {};  // of the own records, N x K row-major; empty: random
  const Document* model = nullptr;
  Index max_iterations = 1000;  // of a k-means stage
  Run* run = nullptr;           // for a start that is a fit itself; null: one of its own
  Index restart = 0, restarts = 1;
};

}  // namespace jensen
