#include "jensen/core/fail_point.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "fail_plan.hpp"

namespace jensen {
namespace {

constexpr int kExitCode = 9;  // of no other cause

int own_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK"}) {
    if (const char* const rank = std::getenv(name)) return std::atoi(rank);
  }
  return 0;
}

std::vector<FailPlan>& plans() {
  static std::vector<FailPlan> all;
  return all;
}

/// Reads the environment before `main` begins.
[[maybe_unused]] const bool kPlanned = [] {
  const char* const text = std::getenv("JENSEN_FAIL");
  if (text == nullptr) return false;
  if (std::string_view(text) == "list") {
    fmt::print("{}", list_fail_points());
    std::fflush(stdout);
    std::_Exit(0);
  }
  try {
    plan_failures(text);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "{}\n", error.what());
    std::_Exit(2);
  }
  return true;
}();

/// Does what is planned for this pass, if anything, and returns what is left for the point to do.
Action pass(std::string_view name) {
  Action due = Action::none;
  for (FailPlan& plan : plans()) {
    if (plan.point == name && --plan.passes_left == 0) due = plan.action;
  }
  switch (due) {
    case Action::kill:
      ::kill(::getpid(), SIGKILL);
      break;
    case Action::exit:
      std::_Exit(kExitCode);
    case Action::raise:
      throw std::runtime_error(fmt::format("planted at '{}'", name));
    case Action::hang:
      for (;;) ::pause();
    case Action::enospc:
      errno = ENOSPC;
      break;
    case Action::eio:
      errno = EIO;
      break;
    default:
      break;
  }
  return due;
}

bool is_error(Action action) {
  return action == Action::enospc || action == Action::eio;
}

}  // namespace

void plan_failures(const std::string& text) {
  const int rank = own_rank();
  plans().clear();
  std::istringstream stream(text);
  for (std::string one; std::getline(stream, one, ',');) {
    const FailPlan plan = parse_fail_plan(one);
    if (plan.rank == rank) plans().push_back(plan);
  }
}

bool fails_at(const char* point) {
  return is_error(pass(point));
}

ssize_t write_or_fail(int descriptor, const void* bytes, std::size_t count) {
  Action action = pass("write-begin");
  if (is_error(action)) return -1;
  if (action == Action::short_write) return ::write(descriptor, bytes, std::min<std::size_t>(count, 1));

  // The middle is met with half of the bytes on their way.
  const ssize_t half = ::write(descriptor, bytes, count / 2);
  if (half < 0) return half;
  action = pass("write-middle");
  if (is_error(action)) return -1;
  if (action == Action::short_write) return half;

  const auto done = static_cast<std::size_t>(half);
  const ssize_t rest = ::write(descriptor, static_cast<const std::byte*>(bytes) + done, count - done);
  if (rest < 0) return half > 0 ? half : rest;
  action = pass("write-end");
  if (is_error(action)) return -1;
  return half + rest;
}

void spoil_at(const char* point, std::span<double> numbers) {
  if (pass(point) == Action::nan && !numbers.empty())
    numbers.front() = std::numeric_limits<double>::quiet_NaN();
}

}  // namespace jensen
