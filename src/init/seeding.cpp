#include "jensen/init/seeding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/init/nearest_search.hpp"

namespace jensen {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSurely = 1 + 0x1p-40;  // beyond the rounding of a few operations

enum class Preference { far_records, any_other_record };

/// Squared distances of the own records from the nearest centroid so far, and which that is.
class NearestSoFar {
 public:
  explicit NearestSoFar(const DenseShard& shard)
      : shard_(shard),
        squared_(static_cast<std::size_t>(shard.partition().own_records()), kInfinity),
        labels_(squared_.size(), 0) {}

  void add(const RowMatrix& centroids) {
    const NearestSearch search(centroids);
    DenseShard::Buffer buffer;
    const auto stored = shard_.stored();
    for (Index i = 0; i < stored.block_count(); ++i) {
      const DenseBlock block = stored.block(i, buffer);
      const auto begin = static_cast<std::size_t>(i * shard_.partition().block_rows);
      const auto rows = static_cast<std::size_t>(block.rows());
      search.improve(block, count_, std::span(labels_).subspan(begin, rows),
                     std::span(squared_).subspan(begin, rows));
    }
    count_ += centroids.rows();
  }

  /// visit(i, first record, weights, squared distances) of each own block; weights are empty or one for each.
  template <class Visit>
  void for_each_block(Visit visit) const {
    DenseShard::Buffer buffer;
    const auto stored = shard_.stored();
    for (Index i = 0; i < stored.block_count(); ++i) {
      const DenseBlock block = stored.block(i, buffer);
      visit(i, block, of_block(i, block.rows()));
    }
  }

  std::span<const double> of_block(Index i, Index rows) const { return part(squared_, i, rows); }
  std::span<const std::int32_t> labels_of_block(Index i, Index rows) const { return part(labels_, i, rows); }

 private:
  template <class T>
  std::span<const T> part(const std::vector<T>& values, Index i, Index rows) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * shard_.partition().block_rows),
                                     static_cast<std::size_t>(rows));
  }

  const DenseShard& shard_;
  std::vector<double> squared_;
  std::vector<std::int32_t> labels_;
  Index count_ = 0;
};

/// An own record in internal coordinates.
RowMatrix internal_record(const DenseShard& shard, Index own) {
  return shard.transform().to_internal(shard.original_record(own));
}

/// The record, in internal coordinates, on every rank.
RowMatrix fetch(const DenseShard& shard, const Communicator& comm, Index record) {
  const Partition& partition = shard.partition();
  const int owner = partition.owner_of_record(record);
  RowMatrix position(1, shard.features());
  if (owner == partition.rank) position = internal_record(shard, record - partition.first_record());
  comm.broadcast(std::span(position.data(), static_cast<std::size_t>(position.size())), owner);
  return position;
}

/// The record that wins the race of this round; throws InputError if none can.
Index race(const NearestSoFar& nearest, const Communicator& comm, Preference preference, std::uint64_t seed,
           Index round, Index components, const DenseShard& shard) {
  Communicator::Located winner{kInfinity, std::numeric_limits<Index>::max()};
  nearest.for_each_block([&](Index, const DenseBlock& block, std::span<const double> squared) {
    for (Index row = 0; row < block.rows(); ++row) {
      const double distance = squared[static_cast<std::size_t>(row)];
      double share = block.weight(row);
      if (round > 0) share *= preference == Preference::far_records ? distance : distance > 0 ? 1.0 : 0.0;
      if (!(share > 0)) continue;
      const Index record = block.first_record + row;
      const double u = Stream(seed, Purpose::seeding, record, static_cast<std::uint64_t>(round)).uniform();
      if (1 - u > kSurely * share * winner.value) continue;  // -log u is no less: no need to take it
      const double arrival = -std::log(u) / share;
      if (arrival < winner.value) winner = {arrival, record};
    }
  });
  winner = comm.min_location(winner);
  if (winner.index == std::numeric_limits<Index>::max()) {
    throw InputError(
        fmt::format("components = {} (must be at most {}, the number of different records in '{}')",
                    components, round, shard.info().source));
  }
  return winner.index;
}

RowMatrix seed_by_races(const DenseShard& shard, const Communicator& comm, Index components,
                        std::uint64_t seed, Preference preference) {
  RowMatrix centroids(components, shard.features());
  NearestSoFar nearest(shard);
  for (Index k = 0; k < components; ++k) {
    const Index record = race(nearest, comm, preference, seed, k, components, shard);
    const RowMatrix position = fetch(shard, comm, record);
    centroids.row(k) = position.row(0);
    nearest.add(position);
  }
  return centroids;
}

/// The different rows of a row-major table, in the order of their first appearance.
RowMatrix different_rows(const std::vector<double>& values, Index features) {
  std::set<std::vector<double>> seen;
  std::vector<double> kept;
  for (auto row = values.begin(); row != values.end(); row += features) {
    if (seen.emplace(row, row + features).second) kept.insert(kept.end(), row, row + features);
  }
  return Eigen::Map<const RowMatrix>(kept.data(), static_cast<Index>(kept.size()) / features, features);
}

}  // namespace

RowMatrix seed_kmeans_plus_plus(const DenseShard& shard, const Communicator& comm, Index components,
                                std::uint64_t seed) {
  return seed_by_races(shard, comm, components, seed, Preference::far_records);
}

RowMatrix seed_random_records(const DenseShard& shard, const Communicator& comm, Index components,
                              std::uint64_t seed) {
  return seed_by_races(shard, comm, components, seed, Preference::any_other_record);
}

Candidates oversample_kmeans_parallel(const DenseShard& shard, const Communicator& comm, Index components,
                                      std::uint64_t seed) {
  constexpr Index kRounds = 5;
  const double wanted = 2.0 * static_cast<double>(components);
  const Index features = shard.features();
  NearestSoFar nearest(shard);
  std::vector<double> positions;  // candidates row by row
  const auto adopt = [&](const RowMatrix& found) {
    positions.insert(positions.end(), found.data(), found.data() + found.size());
    nearest.add(found);
  };
  const auto count = [&] { return static_cast<Index>(positions.size()) / features; };
  adopt(fetch(shard, comm, race(nearest, comm, Preference::far_records, seed, 0, components, shard)));
  for (Index round = 1; round <= kRounds; ++round) {
    Statistics potential;
    accumulate(shard.stored(), comm, potential, [&](const DenseBlock& block, Index i, Statistics& sums) {
      const auto squared = nearest.of_block(i, block.rows());
      for (Index row = 0; row < block.rows(); ++row) {
        sums.objective() += block.weight(row) * squared[static_cast<std::size_t>(row)];
      }
    });
    if (!(potential.objective() > 0)) break;
    std::vector<double> chosen;
    nearest.for_each_block([&](Index i, const DenseBlock& block, std::span<const double> squared) {
      for (Index row = 0; row < block.rows(); ++row) {
        const double distance = squared[static_cast<std::size_t>(row)];
        const double share = wanted * block.weight(row) * distance / potential.objective();
        Stream stream(seed, Purpose::oversampling, block.first_record + row,
                      static_cast<std::uint64_t>(round));
        if (!(stream.uniform() < share)) continue;
        const RowMatrix position = internal_record(shard, i * shard.partition().block_rows + row);
        chosen.insert(chosen.end(), position.data(), position.data() + features);
      }
    });
    // Equal records may be chosen together; each candidate stands for one of them.
    adopt(different_rows(comm.all_gather(std::span<const double>(chosen)), features));
  }
  while (count() < components) {
    adopt(fetch(shard, comm, race(nearest, comm, Preference::far_records, seed, count(), components, shard)));
  }

  Candidates candidates{Eigen::Map<const RowMatrix>(positions.data(), count(), features), {}};
  Statistics attracted(count());
  accumulate(shard.stored(), comm, attracted, [&](const DenseBlock& block, Index i, Statistics& sums) {
    const auto labels = nearest.labels_of_block(i, block.rows());
    for (Index row = 0; row < block.rows(); ++row) {
      sums.body()[static_cast<std::size_t>(labels[static_cast<std::size_t>(row)])] += block.weight(row);
    }
  });
  candidates.weights.assign(attracted.body().begin(), attracted.body().end());
  return candidates;
}

}  // namespace jensen
