#include "jensen/fit/fit.hpp"

#include <bit>

namespace jensen {

void require_same_objective(double before, double after, Index t) {
  if (std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after)) return;
  throw CheckpointError(fmt::format(
      "the objective at iteration {} is {:.17g} after the resume (must be {:.17g} to the last bit, as when "
      "the "
      "checkpoint was written); this is another build of jensen or another type of CPU, which the numeric "
      "canary "
      "tells: go on where the checkpoint was written, or begin another fit with --start model:CHECKPOINT",
      t, after, before));
}

void show(const Report& report, const std::vector<Observer*>& observers) {
  const TimedPhase timed(Phase::files);
  for (Observer* observer : observers) observer->on_iteration(report);
  if (Profile* const profile = Profile::in_use) profile->count_iteration();
}

}  // namespace jensen
