#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "jensen/models/kmeans/start.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/restarts.hpp"
#include "support/samples.hpp"

using namespace jensen;

TEST_CASE("k-means recovers separated blobs exactly, from every kind of start") {
  const auto kind = GENERATE(StartKind::kmeans_plus_plus, StartKind::kmeans_parallel, StartKind::random,
                             StartKind::responsibilities);
  const Communicator serial;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Index k = 3 + static_cast<Index>(seed), d = 2 * static_cast<Index>(seed);
    test::TrueMixture truth{Vector::Constant(k, 1.0 / static_cast<double>(k)), RowMatrix(k, d), {}};
    for (Index c = 0; c < k; ++c) {
      truth.means.row(c).setConstant(30.0 * static_cast<double>(c));
      truth.covariances.push_back(test::random_covariance(d, 10, seed));
    }
    const test::Sample sample = test::draw(truth, 1500, seed);
    const test::Problem problem(sample.records, serial);
    const DenseShard shard = problem.in(Scaling::common);
    const auto start = [&](Index, std::uint64_t key) {
      kmeans::KMeans model(k, problem.summary, shard.transform(), key);
      kmeans::start(model, {.kind = kind,
                            .seed = key,
                            .components = k,
                            .shard = shard,
                            .summary = problem.summary,
                            .comm = serial});
      return model;
    };
    const auto fits = test::fit_best_of<kmeans::KMeans>(30, seed, start, shard, serial,
                                                        {.stop_when_unchanged = true, .strict = true});
    std::vector<Index> labels;
    fits.best.model.assign(*test::WholeBlock(shard), labels);
    std::map<Index, std::set<Index>> found;  // labels that the records of each blob got
    std::set<Index> used;
    for (std::size_t n = 0; n < labels.size(); ++n) {
      found[sample.labels[n]].insert(labels[n]);
      used.insert(labels[n]);
    }
    INFO("start " << static_cast<int>(kind) << ", seed " << seed);
    CHECK(static_cast<Index>(used.size()) == k);
    for (const auto& [blob, got] : found) CHECK(got.size() == 1);
  }
}
