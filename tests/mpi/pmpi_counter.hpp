#pragma once

#include <cstdint>

namespace test {

/// What this rank has handed to MPI so far: calls that move data, and the bytes of the buffers in them, be
/// they sent or received into.
struct Traffic {
  std::int64_t calls = 0;
  std::int64_t bytes = 0;

  friend Traffic operator-(const Traffic& a, const Traffic& b) {
    return {a.calls - b.calls, a.bytes - b.bytes};
  }
  bool operator==(const Traffic&) const = default;
};

/// Counted by stepping in between this program and MPI (its profiling interface).
Traffic traffic();

}  // namespace test
