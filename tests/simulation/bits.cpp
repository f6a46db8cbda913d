// Fits to measured data and prints what came of them, bit by bit: the same text on any number of ranks.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "jensen/comm/environment.hpp"
#include "jensen/core/bit_hash.hpp"
#include "support/data.hpp"
#include "support/fit_case.hpp"

using namespace jensen;

namespace {

std::uint64_t hash_of(const std::vector<std::uint64_t>& bits) {
  BitHash hash;
  for (const std::uint64_t pattern : bits) hash.add(pattern);
  return hash.value();
}

void print_fits(const Communicator& comm) {
  static const test::Sample kSample{test::read_csv("gvhd_pos.csv")};  // ranks that are simulated share it
  // Blocks of 8 records: 1136 of them.
  const std::vector<test::FitCase> cases = {
      {.model = "kmeans", .start = StartKind::random, .components = 5, .max_iterations = 2, .block_rows = 8},
      {.model = "VVV",
       .start = StartKind::random,
       .components = 5,
       .max_iterations = 2,
       .block_rows = 8,
       .global_step_by = GlobalStepBy::every_rank},
      {.model = "VVV",
       .start = StartKind::kmeans_plus_plus,
       .components = 4,
       .max_iterations = 2,
       .block_rows = 8,
       .global_step_by = GlobalStepBy::owners},
  };
  for (const test::FitCase& wanted : cases) {
    const test::FitOutcome outcome = test::run_fit_case(wanted, kSample, comm);
    if (!comm.is_root()) continue;
    fmt::print("{}: {} words, hash {:016x}{}\n", wanted.text(), outcome.bits.size(), hash_of(outcome.bits),
               outcome.error);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Environment environment(argc, argv);
  return environment.run([&] {
    print_fits(environment.world());
    return 0;
  });
}
