#include "jensen/models/gmm/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/init/seeding.hpp"
#include "jensen/models/gmm/stored_parameters.hpp"
#include "jensen/models/kmeans/start.hpp"

namespace jensen::gmm {
namespace {

/// One M-step from the labels that `clusters` gives to the records of `labelled`, a view of the same records.
std::vector<Repair> start_from_clusters(GaussianMixture& model, const StartRequest& request,
                                        const kmeans::KMeans& clusters, const DenseShard& labelled) {
  DenseShard::Buffer buffer;
  std::vector<Index> labels;
  return start_from_responsibilities(model, request.shard, request.comm,
                                     [&](const DenseBlock&, Index i, Matrix& r) {
                                       clusters.assign(labelled.block(i, buffer), labels);
                                       for (Index row = 0; row < r.rows(); ++row)
                                         r(row, labels[static_cast<std::size_t>(row)]) = 1;
                                     });
}

void start_from_model(GaussianMixture& model, const StartRequest& request) {
  const auto [weights, means, sigmas] = stored_parameters(*request.model);
  if (means.rows() != model.components() || means.cols() != model.features()) {
    throw InputError(
        fmt::format("'{}' has {} components of {} features (must be {} of {}, as in this fit); give "
                    "--components or the data that it has",
                    request.model->origin, means.rows(), means.cols(), model.components(), model.features()));
  }
  const Vector& scale = request.shard.transform().scale;
  std::vector<Matrix> covariances;
  for (const Matrix& sigma : sigmas) {
    covariances.push_back(scale.asDiagonal() * sigma * scale.asDiagonal());
  }
  model.set_parameters(weights, request.shard.transform().to_internal(means), covariances);
}

}  // namespace

std::vector<Repair> start(GaussianMixture& model, const StartRequest& request) {
  switch (request.kind) {
    case StartKind::model:
      if (request.model->has("/parameters/covariances")) {
        start_from_model(model, request);
        return {};
      }
      break;
    case StartKind::labels:
    case StartKind::responsibilities:
      return start_from_responsibilities(
          model, request.shard, request.comm,
          [&](const DenseBlock& block, Index, Matrix& r) { fill_given_responsibilities(request, block, r); });
    default:
      break;
  }
  const FeatureSummary& summary = request.summary;
  const DenseShard standardised = request.shard.with_transform(standardised_coordinates(summary));
  const StartRequest clustering{.kind = request.kind,
                                .seed = request.seed,
                                .components = request.components,
                                .shard = standardised,
                                .summary = summary,
                                .comm = request.comm,
                                .model = request.model,
                                .max_iterations = request.max_iterations,
                                .run = request.run,
                                .restart = request.restart,
                                .restarts = request.restarts};
  kmeans::KMeans clusters(request.components, summary, standardised.transform(), request.seed);
  if (request.kind == StartKind::kmeans) {
    clusters = kmeans::fit_to_the_end(clustering);
    if (request.run != nullptr && request.run->stopped()) return {};
  } else {
    kmeans::start(clusters, clustering);
  }
  clusters.prepare(0);
  return start_from_clusters(model, request, clusters, standardised);
}

}  // namespace jensen::gmm
