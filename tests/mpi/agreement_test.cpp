#include <string>

#include "support/ending.hpp"
#include "support/world.hpp"

using jensen::Communicator;
using jensen::Error;
using jensen::ExitCode;
using test::Ending;
using test::world;

namespace {

std::string long_text(int rank) {
  return "record " + std::to_string(rank) + " holds NaN (must be finite)";
}

}  // namespace

TEST_CASE("agreed work that succeeds everywhere returns everywhere", "[agree]") {
  int runs = 0;
  world().agree([&] { ++runs; });
  REQUIRE_ALL(runs == 1);
}

TEST_CASE("an error on any one rank is thrown alike on all", "[agree]") {
  for (const Communicator& comm : {world(), world().with_count_limit(7)}) {
    for (int culprit = 0; culprit < comm.size(); ++culprit) {
      const Ending outcome = test::ending_of([&] {
        comm.agree([&] {
          if (comm.rank() == culprit) throw jensen::InputError(long_text(culprit));
        });
      });
      REQUIRE_ALL(outcome == Ending{ExitCode::input_rejected, long_text(culprit)});
    }
  }
}

TEST_CASE("of several errors that of the lowest rank is thrown", "[agree]") {
  const int size = world().size(), lowest = size / 2;
  const Ending outcome = test::ending_of([&] {
    world().agree([&] {
      if (world().rank() < lowest) return;
      const auto code = world().rank() == lowest ? ExitCode::io_failure : ExitCode::usage;
      throw Error(code, long_text(world().rank()));
    });
  });
  REQUIRE_ALL(outcome == Ending{ExitCode::io_failure, long_text(lowest)});
}

TEST_CASE("an error without text is an error", "[agree]") {
  const Ending outcome = test::ending_of([] { world().on_root([] { throw jensen::NumericalError(""); }); });
  REQUIRE_ALL(outcome == Ending{ExitCode::numerical_failure, ""});
}

TEST_CASE("on_root runs on rank 0 alone and fails on all ranks", "[agree]") {
  std::int64_t runs = 0;
  world().on_root([&] { ++runs; });
  CHECK(runs == (world().is_root() ? 1 : 0));
  const Ending outcome =
      test::ending_of([] { world().on_root([] { throw jensen::IoError("disk is full"); }); });
  REQUIRE_ALL(outcome == Ending{ExitCode::io_failure, "disk is full"});
}

TEST_CASE("the ranks go on together after an agreed error", "[agree]") {
  for (int round = 0; round < 20; ++round) {
    const int culprit = round % world().size();
    const Ending outcome = test::ending_of([&] {
      world().agree([&] {
        if (world().rank() == culprit) throw jensen::InputError(long_text(round));
      });
    });
    REQUIRE_ALL(outcome.text == long_text(round));
    REQUIRE_ALL(world().sum(1) == world().size());
  }
}

TEST_CASE("an agreed error keeps its type", "[agree]") {
  const auto on_last = [](auto error) {
    world().agree([&] {
      if (world().rank() == world().size() - 1) throw error;
    });
  };
  CHECK_THROWS_AS(on_last(jensen::UsageError("")), jensen::UsageError);
  CHECK_THROWS_AS(on_last(jensen::InputError("")), jensen::InputError);
  CHECK_THROWS_AS(on_last(jensen::NumericalError("")), jensen::NumericalError);
  CHECK_THROWS_AS(on_last(jensen::IoError("")), jensen::IoError);
  CHECK_THROWS_AS(on_last(Error(ExitCode::checkpoint_refused, "")), Error);
}
