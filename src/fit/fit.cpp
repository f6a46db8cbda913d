#include "jensen/fit/fit.hpp"

#include <bit>
#include <cmath>

namespace jensen {

void require_same_objective(double before, double after, Index t, bool exactly) {
  constexpr double kOfRounding = 1e-9;  // relative, between machines
  if (std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after)) return;
  if (!exactly && std::abs(after - before) <= kOfRounding * std::abs(before)) return;
  throw CheckpointError(fmt::format(
      "the objective at iteration {} is {:.17g} after the resume (must be {:.17g} {}, as when the checkpoint "
      "was "
      "written); go on where it was written, with the same build of jensen, or begin another fit with "
      "--start "
      "model:CHECKPOINT",
      t, after, before,
      exactly ? "to the last bit, as this build on this type of CPU gives the same bits"
              : fmt::format("to {:g} of it on another type of CPU or with another build", kOfRounding)));
}

void show(const Report& report, const std::vector<Observer*>& observers) {
  const TimedPhase timed(Phase::files);
  for (Observer* observer : observers) observer->on_iteration(report);
  if (Profile* const profile = Profile::in_use) profile->count_iteration();
}

}  // namespace jensen
