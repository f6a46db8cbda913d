#include "jensen/fit/stopping.hpp"

#include <cmath>

#include "jensen/core/median.hpp"

namespace jensen {

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::none:
      return "none";
    case StopReason::gain_tolerance:
      return "gain_tolerance";
    case StopReason::relative_tolerance:
      return "relative_tolerance";
    case StopReason::absolute_tolerance:
      return "absolute_tolerance";
    case StopReason::parameter_tolerance:
      return "parameter_tolerance";
    case StopReason::parameters_unchanged:
      return "parameters_unchanged";
    case StopReason::iteration_limit:
      return "iteration_limit";
    case StopReason::iteration_limit_requested:
      return "iteration_limit_requested";
    case StopReason::objective_fell:
      return "objective_fell";
    case StopReason::stop_requested:
      return "stop_requested";
    case StopReason::interrupted:
      return "interrupted";
  }
  return "unknown";
}

bool is_converged(StopReason reason) {
  return reason == StopReason::gain_tolerance || reason == StopReason::relative_tolerance ||
         reason == StopReason::absolute_tolerance || reason == StopReason::parameter_tolerance ||
         reason == StopReason::parameters_unchanged;
}

bool Stopping::fixed_length() const {
  return gain_per_weight == 0 && relative_gain == 0 && absolute_gain == 0 && parameter_change == 0 &&
         !stop_when_unchanged;
}

bool Stopping::judges(const Progress& now) const {
  if (now.last_step_repaired) return false;
  return window == 0 ? now.t > 0 : now.t >= 2 * window && now.t % window == 0;
}

double Stopping::gain(const Progress& now) const {
  if (window == 0) return std::abs(now.gain());
  // the windows end before this iteration, as a model's do
  const auto median_of_window = [&](Index before) {
    return median_of(Eigen::Map<const Vector>(now.objectives.data() + now.t - before, window));
  };
  return median_of_window(window) - median_of_window(2 * window);
}

StopReason Stopping::operator()(const Progress& now) const {
  if (now.stop_requested) return StopReason::stop_requested;
  if (judges(now)) {
    if (now.fell && !fixed_length()) return StopReason::objective_fell;
    const double gain = this->gain(now);
    if (stop_when_unchanged && now.changes.back() == 0) return StopReason::parameters_unchanged;
    if (gain_per_weight > 0 && gain <= gain_per_weight * now.weight) return StopReason::gain_tolerance;
    if (relative_gain > 0 && gain <= relative_gain * std::abs(now.objective())) {
      return StopReason::relative_tolerance;
    }
    if (absolute_gain > 0 && gain <= absolute_gain) return StopReason::absolute_tolerance;
    if (parameter_change > 0 && now.changes.back() <= parameter_change)
      return StopReason::parameter_tolerance;
  }
  if (now.t >= max_iterations) {
    return fixed_length() ? StopReason::iteration_limit_requested : StopReason::iteration_limit;
  }
  return StopReason::none;
}

}  // namespace jensen
