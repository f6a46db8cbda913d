#include "jensen/fit/progress.hpp"

#include <limits>
#include <utility>

#include "jensen/core/fail_point.hpp"

namespace jensen {

void Progress::record(double objective, const Statistics& total, const Votes& votes, bool monotone,
                      double seconds) {
  objectives.push_back(objective);
  elapsed_seconds.push_back(seconds);
  weight = total.weight();
  magnitude = total.magnitude();
  stop_requested = votes.stop > 0;
  const double rounding = 64 * std::numeric_limits<double>::epsilon() * magnitude;
  fell = t > 0 && monotone && !last_step_repaired && gain() < -rounding;
  if (fell) ++falls;
}

void Progress::moved(const Change& change) {
  JENSEN_FAIL_POINT("global-step");
  ++t;
  changes.push_back(change.largest);
  last_step_repaired = !change.repairs.empty() || change.provisional;
  if (!change.repairs.empty()) ++repaired_steps;
  for (Repair repair : change.repairs) {
    repair.iteration = t;
    repairs.push_back(std::move(repair));
  }
}

Progress Progress::before_evaluation() const {
  Progress before = *this;
  before.objectives.pop_back();
  before.elapsed_seconds.pop_back();
  if (fell) --before.falls;
  before.fell = before.stop_requested = false;
  return before;
}

double estimated_gain_to_come(const Progress& progress) {
  const auto& l = progress.objectives;
  if (l.size() < 3) return 0;
  const double last = l[l.size() - 1] - l[l.size() - 2], before = l[l.size() - 2] - l[l.size() - 3];
  const double ratio = last / before;
  if (!(before > 0) || !(last > 0) || !(ratio < 1)) return 0;
  return last * ratio / (1 - ratio);
}

}  // namespace jensen
