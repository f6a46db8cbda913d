#include "jensen/models/mixture/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/models/kmeans/start.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::mixture {

std::optional<kmeans::KMeans> clusters_of(const StartRequest& request, const DenseShard& standardised) {
  const StartRequest clustering{.kind = request.kind,
                                .seed = request.seed,
                                .components = request.components,
                                .shard = standardised,
                                .summary = request.summary,
                                .comm = request.comm,
                                .model = request.model,
                                .max_iterations = request.max_iterations,
                                .run = request.run,
                                .restart = request.restart,
                                .restarts = request.restarts};
  kmeans::KMeans clusters(request.components, request.summary, standardised.transform(), request.seed);
  if (request.kind == StartKind::kmeans) {
    clusters = kmeans::fit_to_the_end(clustering);
    if (request.run != nullptr && request.run->stopped()) return std::nullopt;
  } else {
    kmeans::start(clusters, clustering);
  }
  clusters.prepare(0);
  return clusters;
}

GivenParameters given_parameters(const StartRequest& request) {
  auto [weights, means, sigmas] = stored_parameters(*request.model);
  const Transform& transform = request.shard.transform();
  if (means.rows() != request.components || means.cols() != transform.scale.size()) {
    throw InputError(fmt::format(
        "'{}' has {} components of {} features (must be {} of {}, as in this fit); give --components or the "
        "data that it has",
        request.model->origin, means.rows(), means.cols(), request.components, transform.scale.size()));
  }
  for (Matrix& sigma : sigmas) sigma = transform.scale.asDiagonal() * sigma * transform.scale.asDiagonal();
  return {std::move(weights), transform.to_internal(means), std::move(sigmas)};
}

}  // namespace jensen::mixture
