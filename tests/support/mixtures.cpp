#include "support/mixtures.hpp"

#include "jensen/init/assignments.hpp"
#include "jensen/init/moments.hpp"
#include "support/data.hpp"

namespace test {

using namespace jensen;

namespace {

FeatureSummary summarise(const RowMatrix& rows, const DenseShard& shard, const Communicator& comm) {
  return summarise_features(shard, comm, rows.colwise().minCoeff().transpose(),
                            rows.colwise().maxCoeff().transpose());
}

}  // namespace

Problem::Problem(const RowMatrix& rows, const Communicator& comm, std::span<const double> weights,
                 Index block_rows)
    : shard(sharded(rows, comm, block_rows, weights)), summary(summarise(rows, shard, comm)) {}

DenseShard Problem::in(Scaling scaling) const {
  return shard.with_transform(internal_coordinates(summary, scaling));
}

MixtureFit fit_from_labels(const Problem& problem, const Communicator& comm, const std::vector<Index>& labels,
                           gmm::Settings settings, const Stopping& stopping) {
  const DenseShard shard = problem.in(settings.family->scaling);
  gmm::GaussianMixture model(settings, problem.summary, shard.transform(), 1);
  start_from_responsibilities(model, shard, comm, [&](const DenseBlock& block, Index, Matrix& r) {
    for (Index n = 0; n < block.rows(); ++n) {
      r(n, labels[static_cast<std::size_t>(block.first_record + n)]) = 1;
    }
  });
  FitResult result = fit(model, shard, comm, {.stopping = stopping});
  std::vector<double> values;
  for (const double objective : result.progress.objectives) {
    values.push_back(model.units().reported(objective, result.progress.weight));
  }
  return {std::move(model), std::move(result), std::move(values)};
}

std::vector<Index> iris_species() {
  std::vector<Index> labels(150);
  for (std::size_t n = 0; n < 150; ++n) labels[n] = static_cast<Index>(n / 50);
  return labels;
}

std::vector<Index> faithful_groups(const RowMatrix& faithful) {
  std::vector<Index> labels;
  for (Index n = 0; n < faithful.rows(); ++n) labels.push_back(faithful(n, 1) < 68 ? 0 : 1);
  return labels;
}

}  // namespace test
