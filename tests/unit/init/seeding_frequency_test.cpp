#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "jensen/init/seeding.hpp"

using namespace jensen;

namespace {

constexpr std::uint64_t kSeeds = 20000;

const std::vector<double> kPositions = {0, 1, 1.5, 4, -2};
const std::vector<double> kWeights = {1, 0.5, 2, 0.25, 1};

using Choice = std::vector<std::size_t>;
/// Probability, up to a factor, that record n is next after these.
using Share = std::function<double(const Choice& before, std::size_t n)>;

double squared_distance(const Choice& centres, std::size_t n) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const std::size_t c : centres) nearest = std::min(nearest, std::pow(kPositions[n] - kPositions[c], 2));
  return nearest;
}

double plus_plus_share(const Choice& before, std::size_t n) {
  return before.empty() ? kWeights[n] : kWeights[n] * squared_distance(before, n);
}

double random_share(const Choice& before, std::size_t n) {
  return std::count(before.begin(), before.end(), n) > 0 ? 0 : kWeights[n];
}

/// Probabilities of all ordered choices of three records.
std::map<Choice, double> probabilities(const Share& share) {
  std::map<Choice, double> found = {{{}, 1.0}};
  for (int round = 0; round < 3; ++round) {
    std::map<Choice, double> longer;
    for (const auto& [before, probability] : found) {
      double total = 0;
      for (std::size_t n = 0; n < kPositions.size(); ++n) total += share(before, n);
      for (std::size_t n = 0; n < kPositions.size(); ++n) {
        Choice choice = before;
        choice.push_back(n);
        if (share(before, n) > 0) longer[choice] = probability * share(before, n) / total;
      }
    }
    found = std::move(longer);
  }
  return found;
}

/// Pearson's statistic of the choices under many seeds; choices expected fewer than five times count
/// together.
double pearson(RowMatrix (*seeding)(const DenseShard&, const Communicator&, Index, std::uint64_t),
               const std::map<Choice, double>& expected, std::size_t& cells) {
  const DenseShard shard = make_serial_shard(Eigen::Map<const Vector>(kPositions.data(), 5), kWeights);
  std::map<Choice, double> counts;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const RowMatrix seeds = seeding(shard, {}, 3, seed);
    Choice choice;
    for (const double position : seeds.reshaped()) {
      choice.push_back(static_cast<std::size_t>(std::find(kPositions.begin(), kPositions.end(), position) -
                                                kPositions.begin()));
    }
    counts[choice] += 1;
  }
  double statistic = 0, rare_count = 0, rare_expected = 0;
  cells = 0;
  const auto add = [&](double count, double mean) {
    statistic += std::pow(count - mean, 2) / mean;
    ++cells;
  };
  for (const auto& [choice, probability] : expected) {
    const double mean = probability * static_cast<double>(kSeeds);
    if (mean < 5) {
      rare_count += counts[choice], rare_expected += mean;
    } else {
      add(counts[choice], mean);
    }
    counts.erase(choice);
  }
  if (rare_expected > 0) add(rare_count, rare_expected);
  CHECK(counts.empty());  // nothing of probability 0 was chosen
  return statistic;
}

double highest_credible(std::size_t cells) {
  return quantile(boost::math::chi_squared(static_cast<double>(cells - 1)), 0.999);
}

}  // namespace

TEST_CASE("k-means++ chooses records by weight times squared distance", "[seeding]") {
  std::size_t cells = 0;
  const double statistic = pearson(seed_kmeans_plus_plus, probabilities(plus_plus_share), cells);
  CHECK(cells > 40);
  CHECK(statistic < highest_credible(cells));
  const double of_another = pearson(seed_kmeans_plus_plus, probabilities(random_share), cells);
  CHECK(of_another > highest_credible(cells));
}

TEST_CASE("random records are chosen by weight, each once", "[seeding]") {
  std::size_t cells = 0;
  const double statistic = pearson(seed_random_records, probabilities(random_share), cells);
  CHECK(cells == 60);
  CHECK(statistic < highest_credible(cells));
}
