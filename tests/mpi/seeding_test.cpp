#include "jensen/init/seeding.hpp"

#include <fmt/format.h>

#include <bit>
#include <set>

#include "jensen/init/moments.hpp"
#include "support/data.hpp"
#include "support/ending.hpp"
#include "support/fit_case.hpp"
#include "support/world.hpp"

using namespace jensen;
using test::Ending;
using test::world;

namespace {

using Seeding = RowMatrix (*)(const DenseShard&, const Communicator&, Index, std::uint64_t);

RowMatrix candidates_of(const DenseShard& shard, const Communicator& comm, Index components,
                        std::uint64_t seed) {
  const Candidates candidates = oversample_kmeans_parallel(shard, comm, components, seed);
  RowMatrix table(candidates.positions.rows(), shard.features() + 1);
  table << candidates.positions, Eigen::Map<const Vector>(candidates.weights.data(), table.rows());
  return table;
}

constexpr std::array<Seeding, 3> kSeedings = {seed_kmeans_plus_plus, seed_random_records, candidates_of};

std::vector<std::uint64_t> bits_of(const Eigen::Ref<const RowMatrix>& values) {
  std::vector<std::uint64_t> bits = {static_cast<std::uint64_t>(values.rows())};
  for (const double value : values.reshaped<Eigen::RowMajor>())
    bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

/// Twelve different records, 40 times each; distances from each other span 11 orders of magnitude, so that a
/// round of k-means|| sees but a few of them.
RowMatrix repeated_records() {
  RowMatrix rows(480, 2);
  for (Index n = 0; n < rows.rows(); ++n) {
    const auto which = static_cast<double>(n % 12);
    rows.row(n) << (n % 12 == 0 ? 0 : std::pow(10, which)), which;
  }
  return rows;
}

std::set<std::vector<double>> distinct_rows(const RowMatrix& rows, Index columns) {
  std::set<std::vector<double>> distinct;
  for (Index n = 0; n < rows.rows(); ++n) {
    const RowVector row = rows.row(n).head(columns);
    distinct.emplace(row.begin(), row.end());
  }
  return distinct;
}

}  // namespace

TEST_CASE("seeds have the same bits on any number of ranks", "[seeding]") {
  const test::Sample sample = test::clusters(500);
  for (const Index block_rows : {0, 7}) {
    for (const auto& weights : {std::vector<double>{}, sample.weights}) {
      const DenseShard alone = test::sharded(sample.rows, {}, block_rows, weights);
      const DenseShard own = test::sharded(sample.rows, world(), block_rows, weights);
      for (const Seeding seed_records : kSeedings) {
        for (const std::uint64_t seed : {1u, 2u}) {
          REQUIRE_ALL(bits_of(seed_records(own, world(), 7, seed)) ==
                      bits_of(seed_records(alone, {}, 7, seed)));
        }
      }
    }
  }
}

TEST_CASE("summaries have the same bits on any number of ranks", "[seeding]") {
  const test::Sample sample = test::clusters(500);
  const Vector minimum = sample.rows.colwise().minCoeff(), maximum = sample.rows.colwise().maxCoeff();
  for (const Index block_rows : {0, 7, 600}) {
    for (const auto& weights : {std::vector<double>{}, sample.weights}) {
      const auto summary_bits = [&](const Communicator& comm) {
        const DenseShard shard = test::sharded(sample.rows, comm, block_rows, weights);
        const FeatureSummary summary = summarise_features(shard, comm, minimum, maximum);
        Vector values(2 * shard.features() + 1);
        values << summary.mean, summary.variance, summary.total_weight;
        return bits_of(values.transpose());
      };
      REQUIRE_ALL(summary_bits(world()) == summary_bits({}));
    }
  }
}

TEST_CASE("as many seeds as there are different records are those records", "[seeding]") {
  const RowMatrix rows = repeated_records();
  const DenseShard shard = test::sharded(rows, world());
  require_distinct_records(shard, world(), 12);
  for (const Seeding seed_records : kSeedings) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const RowMatrix seeds = seed_records(shard, world(), 12, seed);
      CHECK(seeds.rows() == 12);
      CHECK(distinct_rows(seeds, 2) == distinct_rows(rows, 2));
    }
  }
}

TEST_CASE("more seeds than different records are refused with one sentence", "[seeding]") {
  const DenseShard shard = test::sharded(repeated_records(), world());
  const Ending refused{ExitCode::input_rejected,
                       "components = 13 (must be at most 12, the number of different records in 'the data')"};
  CHECK(test::ending_of([&] { require_distinct_records(shard, world(), 13); }) == refused);
  for (const Seeding seed_records : kSeedings) {
    CHECK(test::ending_of([&] { seed_records(shard, world(), 13, 1); }) == refused);
  }
}

TEST_CASE("records of weight 0 are no seeds and do not count as different", "[seeding]") {
  const RowMatrix rows = repeated_records();
  std::vector<double> weights(static_cast<std::size_t>(rows.rows()));
  for (std::size_t n = 0; n < weights.size(); ++n) weights[n] = n % 12 < 5 ? 0.25 : 0;
  const DenseShard shard = test::sharded(rows, world(), 0, weights);
  for (const Seeding seed_records : kSeedings) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      CHECK(distinct_rows(seed_records(shard, world(), 5, seed), 2) == distinct_rows(rows.topRows(5), 2));
    }
    CHECK_THAT(test::ending_of([&] { seed_records(shard, world(), 6, 1); }).text,
               Catch::Contains("must be at most 5"));
  }
  CHECK_THAT(test::ending_of([&] { require_distinct_records(shard, world(), 6); }).text,
             Catch::Contains("must be at most 5"));
}
