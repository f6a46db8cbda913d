#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace jensen {

/// What a fit spends time on.
enum class Phase {
  block,        // taking a block from the shard, in internal coordinates
  features,     // what is derived from a block's records alone
  products,     // of records or features with parameters or responsibilities: the E-step's and the M-step's
  softmax,      // logits to responsibilities; the choice of the nearest
  sums,         // adding up: of records where it is no product, and of blocks (`ExactSum`)
  reduction,    // over the ranks, waiting included
  global_step,  // and what is prepared from the parameters
  local_step,   // the rest of it
  files,        // checkpoints, log, progress and the model file
  reading,      // the data, and what is told from them before the fit
  start,        // first parameters
  other,
};
inline constexpr std::size_t kPhases = static_cast<std::size_t>(Phase::other) + 1;

/// What this process is at, for a thread beside it that looks on (`io::Watchdog`). Each part is read by
/// itself.
struct Pulse {
  static inline std::atomic<Phase> phase = Phase::other;
  static inline std::atomic<bool> waiting = false;     // for other ranks
  static inline std::atomic<std::int64_t> block = 0;   // of the pass at hand
  static inline std::atomic<std::int64_t> blocks = 0;  // that it has on this process
};

}  // namespace jensen
