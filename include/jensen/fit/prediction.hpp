#pragma once

#include <string>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// What a fitted model says of a block's records.
struct Prediction {
  std::vector<Index> labels = {};  // B: the most probable component, ties to the lowest index
  Matrix values = {};              // B x columns: per record, as the model names them
  Matrix responsibilities = {};    // B x K; empty where the model has none
};

}  // namespace jensen
