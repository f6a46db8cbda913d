#pragma once

#include <optional>
#include <vector>

#include "jensen/init/assignments.hpp"
#include "jensen/init/start_request.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "jensen/models/mixture/covariance.hpp"

namespace jensen::mixture {

/// The clusters that seeds, random records, a model file without covariances, or a whole k-means fit give, on
/// features scaled to unit variance: `standardised`. Nothing, where the fit was told to stop.
std::optional<kmeans::KMeans> clusters_of(const StartRequest& request, const DenseShard& standardised);

/// Parameters of a model file in the internal coordinates of this fit.
struct GivenParameters {
  Vector weights;                   // K
  RowMatrix means;                  // K x D
  std::vector<Matrix> covariances;  // K, or one that all share, each D x D
};

/// Throws InputError where the file has not `components` of this fit's features.
GivenParameters given_parameters(const StartRequest& request);

/// First parameters of a mixture from hard labels or responsibilities, by its own global step: labels and
/// responsibilities as given, clusters otherwise. Returns what that had to repair.
template <class M>
std::vector<Repair> start_from_assignments(M& model, const StartRequest& request) {
  if (request.kind == StartKind::labels || request.kind == StartKind::responsibilities) {
    return start_from_responsibilities(
        model, request.shard, request.comm,
        [&](const DenseBlock& block, Index, Matrix& r) { fill_given_responsibilities(request, block, r); });
  }
  const DenseShard standardised = request.shard.with_transform(standardised_coordinates(request.summary));
  const auto clusters = clusters_of(request, standardised);
  if (!clusters) return {};
  DenseShard::Buffer buffer;
  std::vector<Index> labels;
  return start_from_responsibilities(model, request.shard, request.comm,
                                     [&](const DenseBlock&, Index i, Matrix& r) {
                                       clusters->assign(standardised.block(i, buffer), labels);
                                       for (Index row = 0; row < r.rows(); ++row)
                                         r(row, labels[static_cast<std::size_t>(row)]) = 1;
                                     });
}

}  // namespace jensen::mixture
