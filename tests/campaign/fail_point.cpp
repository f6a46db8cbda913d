#include "jensen/core/fail_point.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace jensen {
namespace {

enum class Action { none, kill, exit, raise, hang, nan, enospc, eio, short_write };

constexpr std::array<std::pair<std::string_view, Action>, 8> kActions = {
    {{"kill", Action::kill},
     {"exit", Action::exit},
     {"throw", Action::raise},
     {"hang", Action::hang},
     {"nan", Action::nan},
     {"enospc", Action::enospc},
     {"eio", Action::eio},
     {"short-write", Action::short_write}}};
constexpr int kExitCode = 9;  // of no other cause

enum class Kind { place, call, write, numbers };

struct Point {
  std::string_view name;
  Kind kind;
};

/// In the order in which a fit passes them first.
constexpr std::array kPoints = {
    Point{"lock", Kind::place},         // the checkpoint directory is there, not yet locked
    Point{"create", Kind::call},        // of a temporary file
    Point{"open", Kind::call},          // of it for writing
    Point{"write-begin", Kind::write},  // nothing is written
    Point{"write-middle", Kind::write},
    Point{"write-end", Kind::write},     // everything is
    Point{"close", Kind::call},          // what was written
    Point{"sync", Kind::call},           // the temporary file
    Point{"read-back", Kind::call},      // it
    Point{"read", Kind::place},          // a piece of the data
    Point{"start", Kind::place},         // first parameters
    Point{"local-step", Kind::numbers},  // the records of a block
    Point{"reduction", Kind::place},
    Point{"checkpoint", Kind::place},  // it begins
    Point{"image", Kind::place},       // its bytes are in memory
    Point{"rename", Kind::call},
    Point{"renamed", Kind::place},        // and the directory not forced to disk
    Point{"sync-directory", Kind::call},  // force it
    Point{"synced", Kind::place},         // it is; older checkpoints are there
    Point{"prune", Kind::place},          // before each removal of an older one
    Point{"pruned", Kind::place},
    Point{"global-step", Kind::place},
    Point{"result", Kind::place},  // of the fit, not yet written
    Point{"remove", Kind::place},  // the checkpoints of a fit that is done
};

bool admits(Kind kind, Action action) {
  switch (action) {
    case Action::nan:
      return kind == Kind::numbers;
    case Action::enospc:
    case Action::eio:
      return kind == Kind::call || kind == Kind::write;
    case Action::short_write:
      return kind == Kind::write;
    default:
      return true;
  }
}

struct Plan {
  int rank;
  Point point;
  long passes_left;
  Action action;
};

template <class T>
T number_of(const std::string& text, const std::string& plan) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw std::invalid_argument(fmt::format("JENSEN_FAIL has '{}' in '{}' (must be a number)", text, plan));
}

Plan parse(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) parts.push_back(part);
  if (parts.size() != 4) {
    throw std::invalid_argument(
        fmt::format("JENSEN_FAIL has '{}' (must be rank:point:pass:action, or list)", text));
  }
  const auto point =
      std::find_if(kPoints.begin(), kPoints.end(), [&](auto& p) { return p.name == parts[1]; });
  const auto action =
      std::find_if(kActions.begin(), kActions.end(), [&](auto& a) { return a.first == parts[3]; });
  if (point == kPoints.end() || action == kActions.end() || !admits(point->kind, action->second)) {
    throw std::invalid_argument(
        fmt::format("JENSEN_FAIL has '{}' (no such point or action; JENSEN_FAIL=list lists them)", text));
  }
  return {number_of<int>(parts[0], text), *point, number_of<long>(parts[2], text), action->second};
}

int own_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK"}) {
    if (const char* const rank = std::getenv(name)) return std::atoi(rank);
  }
  return 0;
}

std::vector<Plan>& plans() {
  static std::vector<Plan> all;
  return all;
}

void list_points() {
  for (const Point& point : kPoints) {
    fmt::print("{}", point.name);
    for (const auto& [name, action] : kActions) {
      if (admits(point.kind, action)) fmt::print(" {}", name);
    }
    fmt::print("\n");
  }
}

/// Reads the environment before `main` begins.
[[maybe_unused]] const bool kPlanned = [] {
  const char* const text = std::getenv("JENSEN_FAIL");
  if (text == nullptr) return false;
  if (std::string_view(text) == "list") {
    list_points();
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
  for (Plan& plan : plans()) {
    if (plan.point.name == name && --plan.passes_left == 0) due = plan.action;
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
    const Plan plan = parse(one);
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
