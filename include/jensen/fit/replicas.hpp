#pragma once

#include <stdexcept>

#include "jensen/comm/communicator.hpp"
#include "jensen/fit/archive.hpp"

namespace jensen {

/// A hash of all bits of a model's state.
std::int64_t hash_of(const State& state);

/// Throws std::logic_error unless every rank holds the same bits. Collective; debug builds ask every
/// iteration.
template <class M>
void require_replicas(M& model, const Communicator& comm) {
  const std::int64_t mine = hash_of(save_state(model));
  if (comm.min(mine) != comm.max(mine)) throw std::logic_error("ranks hold different parameters");
}

}  // namespace jensen
