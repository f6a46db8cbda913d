#pragma once

#include "jensen/init/start_request.hpp"
#include "jensen/models/kmeans/kmeans.hpp"

namespace jensen::kmeans {

/// Gives the model its first centroids, in the coordinates of `request.shard`. Random responsibilities and
/// labels go through one global step; a model file gives its centroids or means. Returns what the step had to
/// repair.
std::vector<Repair> start(KMeans& model, const StartRequest& request);

/// k-means run to its end (its centroids no longer move) on the shard as it is, as the stage "k-means": a
/// start for other models. If the run was asked to stop it is not at its end.
KMeans fit_to_the_end(const StartRequest& request);

}  // namespace jensen::kmeans
