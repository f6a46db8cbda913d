#pragma once

#include <vector>

#include "jensen/fit/stages.hpp"

namespace test {

/// What restarts came to.
template <class M>
struct Restarts {
  jensen::Finished<M> best;
  std::vector<jensen::RestartRecord> restarts;
  jensen::Index failed = 0;
};

/// Fits from several starts; `begin(r, seed)` makes the model of restart r with its first parameters.
template <class M, class Begin, class Shard>
Restarts<M> fit_best_of(jensen::Index restarts, std::uint64_t seed, Begin begin, const Shard& shard,
                        const jensen::Communicator& comm, const jensen::Stopping& stopping,
                        jensen::Run run = {}) {
  jensen::fit_restarts<M>(
      run, restarts, seed, begin,
      [](M&, jensen::Index, std::uint64_t) { return std::vector<jensen::Repair>{}; }, shard, comm, stopping);
  return {jensen::best_of<M>(run, begin), run.history.restarts, run.history.failed};
}

}  // namespace test
