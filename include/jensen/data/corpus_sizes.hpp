#pragma once

#include "jensen/core/types.hpp"

namespace jensen {

/// How large a corpus is, over all ranks.
struct CorpusSizes {
  Index documents = 0;
  Index vocabulary = 0;  // V
  double tokens = 0;     // the sum of all counts
};

}  // namespace jensen
