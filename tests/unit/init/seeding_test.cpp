#include "jensen/init/seeding.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/init/nearest_search.hpp"
#include "support/data.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;

std::set<double> different_rows(const RowMatrix& centroids) {
  return {centroids.data(), centroids.data() + centroids.rows()};
}

}  // namespace

TEST_CASE("Seeds are different records of positive weight, whatever the blocks") {
  RowMatrix rows(40, 1);
  for (Index n = 0; n < 40; ++n) rows(n, 0) = static_cast<double>(n / 4);  // each of ten values four times
  std::vector<double> weights(40, 1.0);
  for (std::size_t n = 0; n < 8; ++n) weights[n] = 0;  // the values 0 and 1
  const std::set<double> present = {2, 3, 4, 5, 6, 7, 8, 9};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const DenseShard small = test::sharded(rows, kSerial, 8, weights);
    const DenseShard large = test::sharded(rows, kSerial, 40, weights);
    const RowMatrix distant = seed_kmeans_plus_plus(small, kSerial, 8, seed);
    const RowMatrix random = seed_random_records(small, kSerial, 8, seed);
    CHECK(different_rows(distant) == present);
    CHECK(different_rows(random) == present);
    CHECK(distant == seed_kmeans_plus_plus(large, kSerial, 8, seed));
    CHECK(random == seed_random_records(large, kSerial, 8, seed));
    CHECK_THROWS_AS(seed_kmeans_plus_plus(small, kSerial, 9, seed), InputError);
    CHECK_THROWS_AS(seed_random_records(small, kSerial, 9, seed), InputError);
  }
}

TEST_CASE("Seeds are chosen with the probabilities of k-means++") {
  RowMatrix rows(3, 1);
  rows << 0, 1, 4;
  const std::vector<double> weights = {1, 2, 5};
  const DenseShard shard = test::sharded(rows, kSerial, 0, weights);
  constexpr int kDraws = 4000;
  int first[3] = {}, far_after_zero = 0, random_far_after_zero = 0, random_after_zero = 0;
  for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
    const RowMatrix pair = seed_kmeans_plus_plus(shard, kSerial, 2, seed);
    ++first[pair(0, 0) == 0 ? 0 : pair(0, 0) == 1 ? 1 : 2];
    if (pair(0, 0) == 0 && pair(1, 0) == 4) ++far_after_zero;
    const RowMatrix other = seed_random_records(shard, kSerial, 2, seed);
    if (other(0, 0) == 0) ++random_after_zero;
    if (other(0, 0) == 0 && other(1, 0) == 4) ++random_far_after_zero;
  }
  const auto share = [](int part, int whole) { return static_cast<double>(part) / whole; };
  CHECK(share(first[0], kDraws) == Approx(1.0 / 8).margin(0.025));
  CHECK(share(first[1], kDraws) == Approx(2.0 / 8).margin(0.035));
  CHECK(share(far_after_zero, first[0]) == Approx(80.0 / 82).margin(0.04));  // 5 * 16 against 2 * 1
  CHECK(share(random_far_after_zero, random_after_zero) == Approx(5.0 / 7).margin(0.1));
}

TEST_CASE("Candidates of k-means|| are enough, different, and carry the whole weight") {
  const RowMatrix rows = test::normal_records(600, 2, 21);
  std::vector<double> weights(600);
  for (std::size_t n = 0; n < 600; ++n) weights[n] = 0.5 * static_cast<double>(n % 3);
  const DenseShard shard = test::sharded(rows, kSerial, 64, weights);
  const Candidates candidates = oversample_kmeans_parallel(shard, kSerial, 5, 3);
  const Index count = candidates.positions.rows();
  CHECK(count >= 5);
  CHECK(count <= 200);  // about 2 K a round, five rounds
  std::set<std::pair<double, double>> different;
  for (Index c = 0; c < count; ++c)
    different.insert({candidates.positions(c, 0), candidates.positions(c, 1)});
  CHECK(static_cast<Index>(different.size()) == count);
  double total = 0;
  for (const double weight : candidates.weights) total += weight;
  CHECK(total == Approx(300).epsilon(1e-14));
  const Candidates again =
      oversample_kmeans_parallel(test::sharded(rows, kSerial, 128, weights), kSerial, 5, 3);
  CHECK(again.positions == candidates.positions);
}

TEST_CASE("The nearest position is found with its squared distance, ties to the lowest") {
  RowMatrix rows(4, 2), centroids(3, 2);
  rows << 0, 0, 2, 0, 1, 5, 3, 1;
  centroids << 0, 0, 2, 0, 2, 0;
  const DenseShard shard = make_serial_shard(rows);
  DenseShard::Buffer buffer;
  std::vector<std::int32_t> labels(4, 7);
  std::vector<double> squared(4, 9);
  NearestSearch(centroids).improve(shard.block(0, buffer), 10, labels, squared);
  CHECK(labels == std::vector<std::int32_t>{10, 11, 7, 11});
  CHECK(squared == std::vector<double>{0, 0, 9, 2});
}

TEST_CASE("A record at a position is at distance 0 from it, among positions nearer than rounding tells") {
  constexpr Index kCount = 40;
  RowMatrix rows = test::normal_records(kCount, 3, 22).array() * 1e-12 + 1e3;  // of all scores alike
  const DenseShard shard = test::sharded(rows, kSerial, kCount);
  DenseShard::Buffer buffer;
  std::vector<std::int32_t> labels(kCount, 0);
  std::vector<double> squared(kCount, std::numeric_limits<double>::infinity());
  NearestSearch(rows).improve(shard.block(0, buffer), 0, labels, squared);
  CHECK(squared == std::vector<double>(kCount, 0.0));
}
