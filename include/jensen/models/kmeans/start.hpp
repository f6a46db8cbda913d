#pragma once

#include "jensen/init/start_request.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "jensen/models/kmeans/options.hpp"

namespace jensen::kmeans {

/// First centroids, in the coordinates of `request.shard`. `random responsibilities` and labels go through
/// one global step; a model file gives its centroids or means.
KMeans start(const Options& options, const StartRequest& request);

/// k-means run to its end (its centroids no longer move) on the shard as it is: a start for other models.
KMeans fit_to_the_end(const StartRequest& request);

}  // namespace jensen::kmeans
