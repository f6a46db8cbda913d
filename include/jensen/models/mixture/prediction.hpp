#pragma once

#include <string>
#include <vector>

#include "jensen/data/feature_summary.hpp"
#include "jensen/fit/prediction.hpp"

namespace jensen::mixture {

/// What a mixture says of a block's records: labels of the largest responsibilities (B x K), log-densities
/// (B, in the data's units) and 1 - the largest responsibility.
void fill_prediction(const Matrix& responsibilities, const Eigen::ArrayXd& log_density,
                     Prediction& prediction);

/// Throws InputError where a feature is the same in every record: no mixture of Gaussians has a density then.
void require_varying(const FeatureSummary& summary, const std::vector<std::string>& feature_names);

}  // namespace jensen::mixture
