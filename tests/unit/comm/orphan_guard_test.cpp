#include "comm/orphan_guard.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "jensen/core/stopwatch.hpp"

namespace {

/// Starts a process whose child has a guard, tells by `alive` that it has, and waits for ever. Both have the
/// writing end of the pipe, which is closed once both are gone.
pid_t start_parent_and_child(int alive) {
  const pid_t parent = ::fork();
  if (parent != 0) return parent;
  if (::fork() == 0) {
    const jensen::OrphanGuard guard;
    const bool told = ::write(alive, "g", 1) == 1;
    while (told) ::pause();
  }
  for (;;) ::pause();
}

/// Whether the pipe is closed by all who might write, within so many milliseconds.
bool is_closed(int end, int milliseconds) {
  pollfd watched = {.fd = end, .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, milliseconds) == 1 && (watched.revents & POLLHUP) != 0;
}

}  // namespace

TEST_CASE("a process ends once the one that started it has been killed", "[orphan]") {
  std::array<int, 2> ends = {};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t parent = start_parent_and_child(ends[1]);
  REQUIRE(parent > 0);
  ::close(ends[1]);
  char said = 0;
  REQUIRE(::read(ends[0], &said, 1) == 1);
  CHECK_FALSE(is_closed(ends[0], 1500));  // while its parent lives it does not end

  ::kill(parent, SIGKILL);
  REQUIRE(::waitpid(parent, nullptr, 0) == parent);
  CHECK(is_closed(ends[0], 10'000));
  ::close(ends[0]);
}

TEST_CASE("a guard ends with its scope, at once", "[orphan]") {
  const jensen::Stopwatch clock;
  for (int i = 0; i < 10; ++i) {
    const jensen::OrphanGuard guard;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it looks, and sleeps for half a second
  }
  CHECK(clock.seconds() < 3);
}
