#include <catch2/catch.hpp>

#include <algorithm>

#include "jensen/models/bayes_gmm/method.hpp"
#include "jensen/models/bayes_gmm/start.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

struct Fitted {
  bayes_gmm::BayesianMixture model;
  std::vector<double> elbos;  // in the data's units
  Index falls;
  double elbo_of_labels = 0;  // after the start, before responsibilities replace the labels
};

/// With all of a record's responsibility where its label is.
double elbo_of_labels(const bayes_gmm::BayesianMixture& model, const std::vector<Index>& labels,
                      const DenseShard& shard) {
  Statistics sums;
  accumulate(shard, test::world(), sums, [&](const DenseBlock& block, Index, Statistics& s) {
    const Matrix joint = model.log_joint(block);
    for (Index n = 0; n < block.rows(); ++n)
      s.objective() += joint(n, labels[static_cast<std::size_t>(block.first_record + n)]);
    s.weight() += static_cast<double>(block.rows());
  });
  return model.units().reported(sums.objective() - model.divergence(), sums.weight());
}

Fitted fit_from(StartKind kind, const std::vector<Index>& labels, const test::Problem& problem,
                const bayes_gmm::Options& options, Index components) {
  const Index features = problem.shard.features();
  const auto settings = bayes_gmm::make_settings(options, components, features);
  const DenseShard shard = problem.in(settings.family->scaling);
  bayes_gmm::BayesianMixture model(settings, problem.summary, shard.transform());
  const auto first = static_cast<std::size_t>(shard.partition().first_record());
  const auto own = static_cast<std::size_t>(shard.partition().own_records());
  bayes_gmm::start(
      model, {.kind = kind,
              .seed = 1,
              .components = components,
              .shard = shard,
              .summary = problem.summary,
              .comm = test::world(),
              .labels = std::span(labels).subspan(labels.empty() ? 0 : first, labels.empty() ? 0 : own)});
  model.prepare(0);
  const double hard = labels.empty() ? 0 : elbo_of_labels(model, labels, shard);
  const FitResult result =
      fit(model, shard, test::world(), {.stopping = {.max_iterations = 5000, .gain_per_weight = 1e-15}});
  std::vector<double> elbos;
  for (const double objective : result.progress.objectives)
    elbos.push_back(model.units().reported(objective, result.progress.weight));
  return {std::move(model), std::move(elbos), result.progress.falls, hard};
}

}  // namespace

TEST_CASE("One component's ELBO on iris is the log evidence") {
  const test::Problem iris(test::read_csv("iris.csv"), test::world());
  const Fitted fitted = fit_from(StartKind::labels, std::vector<Index>(150, 0), iris,
                                 {.concentration = 1, .degrees_of_freedom = 4}, 1);
  CHECK(fitted.elbos.front() == Approx(-415.843331947).epsilon(1e-12));
  CHECK(fitted.elbos.back() == Approx(-415.843331947).epsilon(1e-12));
}

TEST_CASE("Bishop's updates on iris from the species have the ELBO and sizes of the reference programs") {
  const test::Problem iris(test::read_csv("iris.csv"), test::world());
  const Fitted fitted = fit_from(StartKind::labels, test::iris_species(), iris,
                                 {.concentration = 1, .degrees_of_freedom = 4}, 3);
  CHECK(fitted.elbo_of_labels == Approx(-345.20225279).epsilon(1e-10));
  CHECK(fitted.elbos.back() == Approx(-334.11761837).epsilon(1e-10));
  CHECK(fitted.model.sizes()[0] == Approx(50.00105).epsilon(1e-6));
  CHECK(fitted.model.sizes()[1] == Approx(28.45781).epsilon(1e-6));
  CHECK(fitted.model.sizes()[2] == Approx(71.54114).epsilon(1e-6));
  CHECK(fitted.falls == 0);
}

TEST_CASE("Six components on Old Faithful end with two live ones of scikit-learn's sizes") {
  const test::Problem faithful(test::read_csv("faithful.csv"), test::world());
  const Fitted fitted =
      fit_from(StartKind::kmeans, {}, faithful, {.concentration = 1e-3, .degrees_of_freedom = 2}, 6);
  CHECK(fitted.model.live_components() == 2);
  std::vector<double> sizes(fitted.model.sizes().begin(), fitted.model.sizes().end());
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes[5] == Approx(174.827817).epsilon(1e-8));
  CHECK(sizes[4] == Approx(97.172183).epsilon(1e-8));
  CHECK(sizes[3] < 1e-2);
}
