#pragma once

#include "jensen/core/types.hpp"

namespace jensen::io {

/// What this process has read so far.
struct ReadCounters {
  Index records = 0;  // documents too
  double seconds = 0;
};

inline ReadCounters& read_counters() {
  static ReadCounters counters;
  return counters;
}

}  // namespace jensen::io
