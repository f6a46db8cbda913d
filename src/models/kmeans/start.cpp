#include "jensen/models/kmeans/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/core/fail_point.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/init/seeding.hpp"

namespace jensen::kmeans {
namespace {

KMeans make(const StartRequest& request) {
  return {request.components, request.summary, request.shard.transform(), request.seed};
}

/// The K best of the candidates of k-means||: weighted k-means on them, the same on every rank.
RowMatrix reduce_candidates(const StartRequest& request) {
  const Candidates candidates =
      oversample_kmeans_parallel(request.shard, request.comm, request.components, request.seed);
  const DenseShard shard = make_serial_shard(candidates.positions, candidates.weights);
  const Communicator serial;
  KMeans model = make(request);
  model.set_centroids(seed_kmeans_plus_plus(shard, serial, request.components, request.seed));
  fit(model, shard, serial, {.stopping = {.max_iterations = 100, .stop_when_unchanged = true}});
  return model.centroids();
}

RowMatrix centroids_of(const StartRequest& request) {
  const RowMatrix positions = stored_centroids(*request.model);
  if (positions.rows() != request.components || positions.cols() != request.shard.features()) {
    throw InputError(fmt::format(
        "'{}' has {} components of {} features (must be {} of {}, as in this fit); give --components or the "
        "data that it has",
        request.model->origin, positions.rows(), positions.cols(), request.components,
        request.shard.features()));
  }
  return request.shard.transform().to_internal(positions);
}

}  // namespace

std::vector<Repair> start(KMeans& model, const StartRequest& request) {
  JENSEN_FAIL_POINT("start");
  const DenseShard& shard = request.shard;
  switch (request.kind) {
    case StartKind::kmeans:
    case StartKind::kmeans_plus_plus:
      model.set_centroids(seed_kmeans_plus_plus(shard, request.comm, request.components, request.seed));
      return {};
    case StartKind::kmeans_parallel:
      model.set_centroids(reduce_candidates(request));
      return {};
    case StartKind::random:
      model.set_centroids(seed_random_records(shard, request.comm, request.components, request.seed));
      return {};
    case StartKind::model:
      model.set_centroids(centroids_of(request));
      return {};
    case StartKind::labels:
    case StartKind::responsibilities:
      break;
  }
  return start_from_responsibilities(
      model, shard, request.comm,
      [&](const DenseBlock& block, Index, Matrix& r) { fill_given_responsibilities(request, block, r); });
}

KMeans fit_to_the_end(const StartRequest& request) {
  Run alone;
  Run& run = request.run != nullptr ? *request.run : alone;
  KMeans model = make(request);
  const Stopping stopping{.max_iterations = request.max_iterations, .stop_when_unchanged = true};
  run.fit({"k-means", request.restart, request.restarts}, model, request.shard, request.comm, stopping,
          [&](KMeans& fresh) { return start(fresh, request); });
  return model;
}

}  // namespace jensen::kmeans
