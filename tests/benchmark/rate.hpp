#pragma once

#include <algorithm>

#include "jensen/core/stopwatch.hpp"

namespace bench {

/// Calls of `work` in a second: the best of several series of at least `seconds` each.
template <class Work>
double rate_of(double seconds, int series, Work work) {
  work();
  double best = 0;
  for (int i = 0; i < series; ++i) {
    const jensen::Stopwatch watch;
    double spent = 0;
    int calls = 0;
    while (spent < seconds) work(), ++calls, spent = watch.seconds();
    best = std::max(best, calls / spent);
  }
  return best;
}

}  // namespace bench
