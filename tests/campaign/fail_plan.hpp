#pragma once

#include <string>

namespace jensen {

enum class Action { none, kill, exit, raise, hang, nan, enospc, eio, short_write };

/// What a rank is to do at a point.
struct FailPlan {
  int rank;
  std::string point;
  long passes_left;
  Action action;
};

/// Of "rank:point:pass:action". Throws std::invalid_argument with a sentence where it is not understood, or
/// the point has no such action.
FailPlan parse_fail_plan(const std::string& text);

/// A line for each point: its name and its actions.
std::string list_fail_points();

}  // namespace jensen
