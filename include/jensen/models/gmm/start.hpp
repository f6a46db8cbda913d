#pragma once

#include "jensen/init/start_request.hpp"
#include "jensen/models/gmm/gmm.hpp"

namespace jensen::gmm {

/// Gives a mixture its first parameters and returns what that had to repair. Seeds and k-means (on features
/// scaled to unit variance) give hard labels; labels and responsibilities give sums, and the sums one M-step;
/// a model file gives the parameters, brought into the family of this fit.
std::vector<Repair> start(GaussianMixture& model, const StartRequest& request);

}  // namespace jensen::gmm
