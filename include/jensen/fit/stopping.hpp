#pragma once

#include <string_view>

#include "jensen/fit/progress.hpp"

namespace jensen {

enum class StopReason {
  none,
  gain_tolerance,        // gain per unit weight
  relative_tolerance,    // gain relative to the objective
  absolute_tolerance,    // gain
  parameter_tolerance,   // largest parameter change
  parameters_unchanged,  // a fixed point, to the bit
  iteration_limit,
  iteration_limit_requested,  // a run of fixed length: no tolerance was set
  objective_fell,
  stop_requested,
  interrupted,  // within a pass, whose sums were dropped
};

/// "gain_tolerance", "iteration_limit" ...: as files have it.
std::string_view to_string(StopReason reason);

/// Whether the reason means that a tolerance was met.
bool is_converged(StopReason reason);

/// When to stop: any rule that is met stops. A tolerance of 0 never does.
struct Stopping {
  Index max_iterations = 1000;  // global steps
  double gain_per_weight = 0;   // objective units per unit of weight (nats per record)
  double relative_gain = 0;     // |gain| / |objective|
  double absolute_gain = 0;     // objective units
  double parameter_change = 0;  // `Change::largest`
  bool stop_when_unchanged = false;
  /// For noisy objectives, where it is not 0: a gain is that of the mean over so many iterations on the mean
  /// over as many before, is looked at once in so many iterations, and may be negative.
  Index window = 0;
  bool strict = false;  // a falling objective is an error (exit 4) instead of a reason to stop

  /// A function of the history alone, so that a resumed fit decides alike.
  StopReason operator()(const Progress& now) const;

 private:
  bool fixed_length() const;
  /// Whether a gain is to be judged now, and which.
  bool judges(const Progress& now) const;
  double gain(const Progress& now) const;
};

}  // namespace jensen
