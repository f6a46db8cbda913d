#include "jensen/init/moments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen {
namespace {

/// Weighted sums of f(z_d) per feature.
template <class F>
Vector feature_sums(const DenseShard& shard, const Communicator& comm, double& total_weight, F f) {
  Statistics sums(shard.features());
  accumulate(shard, comm, sums, [&](const DenseBlock& block, Index, Statistics& s) {
    s.weight() = block.total_weight();
    double* const sum = s.body().data();
    for (Index n = 0; n < block.rows(); ++n) {
      const double weight = block.weight(n);
      if (!(weight > 0)) continue;  // absent, whatever its values
      const double* const z = block.records.data() + n * block.features();
      for (Index d = 0; d < block.features(); ++d) sum[d] += weight * f(z[d], d);
    }
  });
  total_weight = sums.weight();
  return Eigen::Map<const Vector>(sums.body().data(), shard.features());
}

std::uint64_t hash_of(const RowVector& record) {
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (const double value : record) {
    hash ^= std::bit_cast<std::uint64_t>(value + 0.0);  // -0.0 equals 0.0
    hash *= 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

FeatureSummary summarise_features(const DenseShard& shard, const Communicator& comm, const Vector& minimum,
                                  const Vector& maximum) {
  // Work on the unit interval: exact powers of two, so that no sum can overflow.
  const Vector range = maximum - minimum;
  Vector scale(range.size());
  for (Index d = 0; d < range.size(); ++d) {
    if (!std::isfinite(range[d])) {
      throw InputError(
          fmt::format("feature {} of '{}' spans from {} to {} (the difference must fit a double); rescale it",
                      d, shard.info().source, minimum[d], maximum[d]));
    }
    scale[d] = range[d] > 0 ? std::ldexp(1.0, std::clamp(-std::ilogb(range[d]) - 1, -1000, 1000)) : 1.0;
  }
  const DenseShard unit = shard.with_transform({minimum, scale});
  FeatureSummary summary{.minimum = minimum, .maximum = maximum};
  const Vector sums = feature_sums(unit, comm, summary.total_weight, [](double z, Index) { return z; });
  const Vector mean = sums / summary.total_weight;
  const Vector squares = feature_sums(unit, comm, summary.total_weight,
                                      [&](double z, Index d) { return (z - mean[d]) * (z - mean[d]); });
  summary.mean = minimum.array() + mean.array() / scale.array();
  summary.variance = squares.array() / summary.total_weight / scale.array().square();
  for (Index d = 0; d < range.size(); ++d) {
    if (range[d] == 0 || std::isnormal(summary.variance[d])) continue;
    throw InputError(
        fmt::format("feature {} of '{}' spans from {} to {} (its variance must fit a double); rescale it", d,
                    shard.info().source, minimum[d], maximum[d]));
  }
  return summary;
}

void require_distinct_records(const DenseShard& shard, const Communicator& comm, Index components) {
  // A rank stops looking once it has seen enough; different hashes prove different records.
  std::set<std::uint64_t> seen;
  const Index own = shard.partition().own_records();
  for (Index n = 0; n < own && static_cast<Index>(seen.size()) < components; ++n) {
    if (shard.own_weight(n) > 0) seen.insert(hash_of(shard.original_record(n)));
  }
  if (comm.max(static_cast<std::int64_t>(seen.size())) >= components) return;
  const std::vector<std::uint64_t> mine(seen.begin(), seen.end());
  const auto all = comm.all_gather(std::span<const std::uint64_t>(mine));
  const auto distinct = static_cast<Index>(std::set<std::uint64_t>(all.begin(), all.end()).size());
  if (distinct >= components) return;
  throw InputError(
      fmt::format("components = {} (must be at most {}, the number of different records in '{}')", components,
                  distinct, shard.info().source));
}

}  // namespace jensen
