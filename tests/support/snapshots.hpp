#pragma once

#include <cstdint>
#include <vector>

#include "jensen/fit/history.hpp"

namespace test {

enum class Clocks { counted, left_out };

/// All of a snapshot as bit patterns; clocks differ from run to run.
std::vector<std::uint64_t> bits_of(const jensen::Snapshot& snapshot, Clocks clocks = Clocks::counted);

}  // namespace test
