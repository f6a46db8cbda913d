#include "fail_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace jensen {
namespace {

constexpr std::array<std::pair<std::string_view, Action>, 8> kActions = {
    {{"kill", Action::kill},
     {"exit", Action::exit},
     {"throw", Action::raise},
     {"hang", Action::hang},
     {"nan", Action::nan},
     {"enospc", Action::enospc},
     {"eio", Action::eio},
     {"short-write", Action::short_write}}};

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
    Point{"local-step", Kind::numbers},  // the records, or counts, of a block
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

template <class T>
T number_of(const std::string& text, const std::string& plan) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw std::invalid_argument(fmt::format("JENSEN_FAIL has '{}' in '{}' (must be a number)", text, plan));
}

}  // namespace

FailPlan parse_fail_plan(const std::string& text) {
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
  return {number_of<int>(parts[0], text), parts[1], number_of<long>(parts[2], text), action->second};
}

std::string list_fail_points() {
  std::string text;
  for (const Point& point : kPoints) {
    text += point.name;
    for (const auto& [name, action] : kActions) {
      if (admits(point.kind, action)) text += fmt::format(" {}", name);
    }
    text += "\n";
  }
  return text;
}

}  // namespace jensen
