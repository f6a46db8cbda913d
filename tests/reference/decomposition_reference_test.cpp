#include <catch2/catch.hpp>

#include "jensen/fit/decomposed.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/kmeans/hard_mixture.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

template <class M>
Document decompose(M start, const DenseShard& shard, const Stopping& stopping) {
  Decomposed<M> model(std::move(start));
  fit(model, shard, test::world(), {.stopping = stopping});
  Document document;
  model.record_decomposition(shard, test::world(), document);
  return document;
}

double first(const Document& document, const char* name) {
  return document.vector(std::string("/fit/decomposition/") + name)[0];
}

}  // namespace

TEST_CASE("The first EM step on iris, from the species, has the known parts") {
  const test::Problem problem(test::read_csv("iris.csv"), test::world());
  const DenseShard shard = problem.in(Scaling::per_feature);
  gmm::GaussianMixture model(
      {.family = &mixture::find_family("VVV", 4), .components = 3, .covariance_floor = 0}, problem.summary,
      shard.transform(), 1);
  const std::vector<Index> species = test::iris_species();
  start_from_responsibilities(model, shard, test::world(), [&](const DenseBlock& block, Index, Matrix& r) {
    for (Index n = 0; n < block.rows(); ++n)
      r(n, species[static_cast<std::size_t>(block.first_record + n)]) = 1;
  });
  const Document document = decompose(model, shard, {.max_iterations = 5});
  CHECK(first(document, "e_step/log_likelihood") == Approx(-182.920848605).epsilon(1e-11));
  CHECK(first(document, "m_step/log_likelihood") == Approx(-182.221738389).epsilon(1e-11));
  CHECK(first(document, "m_step/log_likelihood_gain") == Approx(.699110217).margin(1e-9));
  CHECK(first(document, "m_step/expected_log_joint_gain") == Approx(.417102557).margin(1e-9));
  CHECK(first(document, "m_step/kl_divergence_gain") == Approx(.282007660).margin(1e-9));
}

TEST_CASE("k-means on iris as hard EM of unit variance has the known parts") {
  const RowMatrix rows = test::read_csv("iris.csv");
  const test::Problem problem(rows, test::world());
  const DenseShard shard = problem.in(Scaling::common);
  kmeans::HardMixture model(3, problem.summary, shard.transform(), 1, {}, 1.0);
  RowMatrix centroids(3, 4);
  centroids << 5.006, 3.428, 1.462, .246, 5.9016129, 2.7483871, 4.39354839, 1.43387097, 6.85, 3.07368421,
      5.74210526, 2.07105263;
  model.set_centroids(shard.transform().to_internal(centroids));
  const Document document = decompose(model, shard, {.stop_when_unchanged = true});
  const auto last = [&](const char* name) {
    return document.vector(std::string("/fit/decomposition/e_step/") + name).tail(1)[0];
  };
  CHECK(last("log_likelihood") == Approx(-727.788).margin(5e-4));
  CHECK(last("elbo") == Approx(-755.581).margin(5e-4));
  CHECK(last("kl_divergence") == Approx(27.793).margin(5e-4));
}
