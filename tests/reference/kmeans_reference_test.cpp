#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <utility>

#include "jensen/models/kmeans/start.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/restarts.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

test::Restarts<kmeans::KMeans> best_of(const test::Problem& problem, Index clusters, Index restarts) {
  const DenseShard shard = problem.in(Scaling::common);
  const auto start = [&](Index, std::uint64_t seed) {
    kmeans::KMeans model(clusters, problem.summary, shard.transform(), seed);
    kmeans::start(model, {.kind = StartKind::kmeans_plus_plus,
                          .seed = seed,
                          .components = clusters,
                          .shard = shard,
                          .summary = problem.summary,
                          .comm = test::world()});
    return model;
  };
  return test::fit_best_of<kmeans::KMeans>(restarts, 1, start, shard, test::world(),
                                           {.stop_when_unchanged = true, .strict = true});
}

double inertia_of(const test::Restarts<kmeans::KMeans>& fits) {
  return fits.best.model.units().reported(fits.best.result.progress.objective(), 0);
}

}  // namespace

TEST_CASE("k-means with restarts reaches the proved optima of iris") {
  struct Row {
    Index clusters, restarts;
    double inertia;
    double digits = 1e-13;
  };
  const Row row = GENERATE(
      Row{2, 10, 152.347951760358}, Row{3, 20, 78.851441426146}, Row{4, 100, 57.228473214286},
      Row{5, 100, 46.446182051282}, Row{6, 200, 39.039987246, 1e-11}, Row{7, 1000, 34.298229665, 1e-11},
      Row{8, 1000, 29.988943950786}, Row{9, 2000, 27.786092417308}, Row{10, 5000, 25.834054819973});
  const auto fits = best_of({test::read_csv("iris.csv"), test::world()}, row.clusters, row.restarts);
  CHECK(inertia_of(fits) == Approx(row.inertia).epsilon(row.digits));
}

TEST_CASE("Three clusters of iris have the known sizes and centres") {
  const test::Problem problem(test::read_csv("iris.csv"), test::world());
  const auto fits = best_of(problem, 3, 20);
  const DenseShard shard = problem.in(Scaling::common);
  const RowMatrix centroids = shard.transform().to_original(fits.best.model.centroids());
  const Vector sizes = test::pass(fits.best.model, shard).sizes();
  RowMatrix expected(3, 4);
  expected << 5.006, 3.428, 1.462, .246, 5.9016129, 2.7483871, 4.39354839, 1.43387097, 6.85, 3.07368421,
      5.74210526, 2.07105263;
  std::vector<Index> order = {0, 1, 2};
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return centroids(a, 0) < centroids(b, 0); });
  const double expected_sizes[] = {50, 62, 38};
  for (Index k = 0; k < 3; ++k) {
    const Index own = order[static_cast<std::size_t>(k)];
    CHECK(sizes[own] == expected_sizes[k]);
    CHECK((centroids.row(own) - expected.row(k)).cwiseAbs().maxCoeff() < 1e-8);
  }
}

TEST_CASE("k-means on faithful, raw units") {
  const test::Problem problem(test::read_csv("faithful.csv"), test::world());
  CHECK(inertia_of(best_of(problem, 2, 10)) == Approx(8901.768720947).epsilon(1e-12));
  CHECK(inertia_of(best_of(problem, 3, 10)) == Approx(5188.540468).epsilon(1e-9));
}

TEST_CASE("k-means is a bound: log-likelihood = ELBO + KL for iris in three clusters of unit variance") {
  const test::Problem problem(test::read_csv("iris.csv"), test::world());
  const auto fits = best_of(problem, 3, 20);
  const DenseShard shard = problem.in(Scaling::common);
  gmm::GaussianMixture mixture({.family = &mixture::find_family("EII", 4),
                                .components = 3,
                                .equal_weights = true,
                                .fixed_variance = 1},
                               problem.summary, shard.transform(), 1);
  mixture.set_parameters(Vector::Constant(3, 1.0 / 3), fits.best.model.centroids(), {});
  mixture.prepare(0);
  const test::WholeBlock block(shard);
  std::vector<Index> labels;
  fits.best.model.assign(*block, labels);
  const Matrix joint = mixture.log_joint(*block);
  Matrix r;
  Eigen::ArrayXd log_density;
  mixture.responsibilities(*block, r, log_density);
  double elbo = 0, divergence = 0;
  for (Index n = 0; n < 150; ++n) {
    elbo += joint(n, labels[static_cast<std::size_t>(n)]);
    divergence -= std::log(r(n, labels[static_cast<std::size_t>(n)]));
  }
  elbo = mixture.units().reported(elbo, 150);
  const double log_likelihood = mixture.units().reported(log_density.sum(), 150);
  CHECK(log_likelihood == Approx(-727.788).margin(5e-4));
  CHECK(elbo == Approx(-755.581).margin(5e-4));
  CHECK(divergence == Approx(27.793).margin(5e-4));
  CHECK(log_likelihood == Approx(elbo + divergence).epsilon(1e-14));
  const double constant = -150 * std::log(3.0) - 300 * std::log(2 * std::numbers::pi);
  CHECK(elbo == Approx(constant - inertia_of(fits) / 2).epsilon(1e-13));
}

TEST_CASE("An EM step gains what Q gains, plus how far the responsibilities moved") {
  const test::Problem problem(test::read_csv("iris.csv"), test::world());
  const test::WholeBlock block(problem.in(Scaling::per_feature));
  const auto after = [&](Index steps) {
    return test::fit_from_labels(
        problem, test::world(), test::iris_species(),
        {.family = &mixture::find_family("VVV", 4), .components = 3, .covariance_floor = 0},
        {.max_iterations = steps});
  };
  const auto first = after(0), second = after(1);
  const Matrix joint_before = first.model.log_joint(*block), joint_after = second.model.log_joint(*block);
  Matrix before, later;
  Eigen::ArrayXd density_before, density_after;
  first.model.responsibilities(*block, before, density_before);
  second.model.responsibilities(*block, later, density_after);
  const double gain = density_after.sum() - density_before.sum();
  const double expected_gain = (before.array() * (joint_after - joint_before).array()).sum();
  double divergence = 0;
  for (Index n = 0; n < 150; ++n) {
    for (Index k = 0; k < 3; ++k) {
      if (before(n, k) > 0) divergence += before(n, k) * std::log(before(n, k) / later(n, k));
    }
  }
  CHECK(gain == Approx(.699110217).margin(1e-9));
  CHECK(expected_gain == Approx(.417102557).margin(1e-9));
  CHECK(divergence == Approx(.282007660).margin(1e-9));
  CHECK(gain == Approx(expected_gain + divergence).margin(1e-11));
  CHECK(second.log_likelihoods[1] - second.log_likelihoods[0] == Approx(gain).margin(1e-11));
}
