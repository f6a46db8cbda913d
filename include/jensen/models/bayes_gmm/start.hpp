#pragma once

#include "jensen/init/start_request.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"

namespace jensen::bayes_gmm {

/// Scales the mixture's prior by the data's covariance, and takes a first global step: from labels or
/// responsibilities as given, from those under the parameters of a model file, or from clusters. Throws
/// InputError where features depend linearly on others and the family asks for the inverse of their
/// covariance.
std::vector<Repair> start(BayesianMixture& model, const StartRequest& request);

}  // namespace jensen::bayes_gmm
