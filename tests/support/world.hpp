#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "jensen/comm/communicator.hpp"

namespace test {

/// All ranks of the run: serial without mpirun.
const jensen::Communicator& world();

/// The ranks that bring `false`, on every rank; collective.
std::vector<int> ranks_failing(bool condition);

}  // namespace test

/// REQUIRE on all ranks at once, so that they leave the test together: for conditions that only some ranks
/// may miss, wherever a collective call follows.
#define REQUIRE_ALL(...) REQUIRE(test::ranks_failing(static_cast<bool>(__VA_ARGS__)) == std::vector<int>{})
