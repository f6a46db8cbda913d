#pragma once

#include "jensen/init/start_request.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/gmm/options.hpp"

namespace jensen::gmm {

/// First parameters of a mixture. Seeds and k-means (on features scaled to unit variance) give hard labels;
/// labels and responsibilities give sums, and the sums one M-step; a model file gives the parameters, brought
/// into the family of this fit.
GaussianMixture start(const Options& options, const StartRequest& request);

}  // namespace jensen::gmm
