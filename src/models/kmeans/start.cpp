#include "jensen/models/kmeans/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/init/seeding.hpp"

namespace jensen::kmeans {
namespace {

KMeans with_centroids(const StartRequest& request, const RowMatrix& centroids) {
  KMeans model(request.components, request.summary, request.shard.transform(), request.seed);
  model.set_centroids(centroids);
  return model;
}

/// The K best of the candidates of k-means||: weighted k-means on them, the same on every rank.
RowMatrix reduce_candidates(const StartRequest& request) {
  const Candidates candidates =
      oversample_kmeans_parallel(request.shard, request.comm, request.components, request.seed);
  const DenseShard shard = make_serial_shard(candidates.positions, candidates.weights);
  const Communicator serial;
  KMeans model =
      with_centroids(request, seed_kmeans_plus_plus(shard, serial, request.components, request.seed));
  fit(model, shard, serial, {.stopping = {.max_iterations = 100, .stop_when_unchanged = true}});
  return model.centroids();
}

RowMatrix centroids_of(const StartRequest& request) {
  const Document& document = *request.model;
  const bool mixture = document.has("/parameters/means");
  const RowMatrix positions = document.matrix(mixture ? "/parameters/means" : "/parameters/centroids");
  if (positions.rows() != request.components || positions.cols() != request.shard.features()) {
    throw InputError(fmt::format(
        "'{}' has {} components of {} features (must be {} of {}, as in this fit); give --components or the "
        "data that it has",
        document.origin, positions.rows(), positions.cols(), request.components, request.shard.features()));
  }
  return request.shard.transform().to_internal(positions);
}

}  // namespace

KMeans start(const Options&, const StartRequest& request) {
  const DenseShard& shard = request.shard;
  switch (request.kind) {
    case StartKind::kmeans:
    case StartKind::kmeans_plus_plus:
      return with_centroids(request,
                            seed_kmeans_plus_plus(shard, request.comm, request.components, request.seed));
    case StartKind::kmeans_parallel:
      return with_centroids(request, reduce_candidates(request));
    case StartKind::random:
      return with_centroids(request,
                            seed_random_records(shard, request.comm, request.components, request.seed));
    case StartKind::model:
      return with_centroids(request, centroids_of(request));
    case StartKind::labels:
    case StartKind::responsibilities:
      break;
  }
  KMeans model(request.components, request.summary, shard.transform(), request.seed);
  request.report(start_from_responsibilities(
      model, shard, request.comm,
      [&](const DenseBlock& block, Index, Matrix& r) { fill_given_responsibilities(request, block, r); }));
  return model;
}

KMeans fit_to_the_end(const StartRequest& request) {
  for (Observer* observer : request.observers)
    observer->on_stage({"k-means", request.restart, request.restarts});
  KMeans model = start({}, request);
  const Stopping stopping{.max_iterations = request.max_iterations, .stop_when_unchanged = true};
  fit(model, request.shard, request.comm,
      {.stopping = stopping, .observers = request.observers, .votes = request.votes});
  return model;
}

}  // namespace jensen::kmeans
