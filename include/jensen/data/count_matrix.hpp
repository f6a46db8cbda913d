#pragma once

#include <cstdint>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// A whole corpus in memory, as compressed sparse rows: documents x words.
struct CountMatrix {
  Index vocabulary = 0;                     // V
  std::vector<std::int64_t> offsets = {0};  // documents + 1: where a document's entries begin
  std::vector<std::int32_t> words = {};     // 0 ... V-1, distinct within a document
  std::vector<double> counts = {};          // positive

  Index documents() const { return static_cast<Index>(offsets.size()) - 1; }
};

}  // namespace jensen
