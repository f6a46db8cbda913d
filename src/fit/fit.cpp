#include "jensen/fit/fit.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace jensen {

void require_same_objective(double before, double after, const Progress& now, bool exactly) {
  constexpr double kOfFloats = 1e-6;  // of the objective, where it is made in float32
  const double rounding = 64 * std::numeric_limits<double>::epsilon() * now.magnitude;
  const double tolerance = kOfFloats * std::abs(before) + rounding;
  if (std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after)) return;
  if (!exactly && std::abs(after - before) <= tolerance) return;
  throw CheckpointError(fmt::format(
      "the objective at iteration {} is {:.17g} after the resume (must be {:.17g} {}, as it was written); go "
      "on where that was, with the same build of jensen, or begin another fit with --start model:CHECKPOINT",
      now.t, after, before,
      exactly ? "to the last bit, as this build on this type of CPU gives the same bits"
              : fmt::format("to {:.2g}, on another type of CPU or with another build", tolerance)));
}

void show(const Report& report, const std::vector<Observer*>& observers) {
  const TimedPhase timed(Phase::files);
  for (Observer* observer : observers) observer->on_iteration(report);
  if (Profile* const profile = Profile::in_use) profile->count_iteration();
}

}  // namespace jensen
