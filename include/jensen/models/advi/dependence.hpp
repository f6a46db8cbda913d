#pragma once

#include <string>
#include <vector>

#include "jensen/data/response_shard.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::advi {

inline constexpr Index kMostFeaturesCompared = 500;

/// Sets of features, by their numbers in rising order, of which some combination is constant: a regression
/// with an intercept cannot tell their coefficients apart. In each set the last feature follows from the
/// others, which follow from none before them; constant features are left out.
///
/// From the features' correlations, in one pass: a feature follows from others where these leave less than
/// 1e-10 of its variance. Nothing is looked for among more than `kMostFeaturesCompared` features. Features
/// should be centred. Collective; the same bits for any number of ranks.
std::vector<std::vector<Index>> dependent_features(const ResponseShard& shard, const Communicator& comm);

/// "features 'a', 'b' and 'c' are linearly dependent: ...", one for each set, at most six.
std::vector<std::string> sentences_of(const std::vector<std::vector<Index>>& dependent,
                                      const std::vector<std::string>& names);

}  // namespace jensen::advi
