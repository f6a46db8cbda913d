#include "jensen/core/profile.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "jensen/core/stopwatch.hpp"

using namespace jensen;

namespace {

void pass(double seconds) {
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
  }
}

/// A profile in use as long as this lives.
struct InUse {
  InUse() { Profile::in_use = &profile; }
  ~InUse() { Profile::in_use = nullptr; }

  double seconds(Phase phase) const { return profile.seconds()[static_cast<std::size_t>(phase)]; }

  Profile profile;
};

}  // namespace

TEST_CASE("time belongs to the innermost phase, and all phases add up to the wall time") {
  const Stopwatch watch;
  InUse used;
  const Stopwatch later;
  {
    TimedPhase outer(Phase::local_step);
    pass(2e-3);
    {
      TimedPhase inner(Phase::features);
      pass(3e-3);
      inner.next(Phase::products);
      pass(5e-3);
    }
    pass(1e-3);
  }
  const double at_least = later.seconds();
  used.profile.change_to(Phase::other);
  const double at_most = watch.seconds();
  CHECK(used.seconds(Phase::features) >= 3e-3);
  CHECK(used.seconds(Phase::products) >= 5e-3);
  CHECK(used.seconds(Phase::local_step) >= 3e-3);
  CHECK(used.seconds(Phase::local_step) <= at_most - 8e-3);
  CHECK(used.seconds(Phase::softmax) == 0);
  const auto seconds = used.profile.seconds();
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  CHECK(sum >= at_least);
  CHECK(sum <= at_most);
}

TEST_CASE("the parts of a whole are not told apart") {
  InUse used;
  const int result = time_whole(Phase::start, [] {
    TimedPhase part(Phase::products);
    pass(1e-3);
    return 7;
  });
  CHECK(result == 7);
  { TimedPhase after(Phase::sums); }
  CHECK(Profile::in_use == &used.profile);
  CHECK(used.seconds(Phase::start) >= 1e-3);
  CHECK(used.seconds(Phase::products) == 0);
  CHECK(used.seconds(Phase::sums) > 0);
}

TEST_CASE("without a profile in use, phases do nothing") {
  Profile profile;
  TimedPhase timed(Phase::sums);
  time_whole(Phase::start, [] {});
  timed.next(Phase::softmax);
  CHECK(Profile::in_use == nullptr);
  CHECK(profile.change_to(Phase::sums) == Phase::other);
}
