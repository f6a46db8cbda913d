#pragma once

#include <string>
#include <vector>

#include "jensen/core/types.hpp"
#include "jensen/fit/statistics.hpp"

namespace jensen {

/// What ranks tell each other beside their sums: counts of ranks, summed in the same collective.
struct Votes {
  std::int64_t incomplete = 0;      // broke off its pass
  std::int64_t stop = 0;            // was asked to stop
  std::int64_t local_error = 0;     // met an error in its own records
  std::int64_t checkpoint_due = 0;  // rank 0's clock says so
};

/// Something a global step had to do beside the plain update; always reported.
struct Repair {
  Index component = -1;
  std::string what = {};
  Index iteration = 0;  // that the step led to; 0: the start
};

/// What a global step did to the parameters.
struct Change {
  double largest = 0;                // of any parameter: in units of the feature's sd, weights absolute
  std::vector<Repair> repairs = {};  // a repaired step is exempt from the monotone check
  bool provisional = false;          // no fit ends after this step, but for a limit
};

/// How the model's objective reads in the data's own units: reported = factor * objective + offset * weight.
struct ObjectiveUnits {
  std::string name = "objective";  // "log-likelihood", "inertia"
  std::string unit = "nats";
  double factor = 1;
  double offset_per_weight = 0;

  double reported(double objective, double weight) const {
    return factor * objective + offset_per_weight * weight;
  }
};

/// The history of a fit up to iteration t: everything that stopping rules may look at. Decisions use the
/// objective in the model's internal coordinates.
struct Progress {
  Index t = 0;                          // global steps taken
  std::vector<double> objectives = {};  // at iterations 0 ... t
  std::vector<double> changes = {};     // largest parameter change of global steps 0 ... t-1
  std::vector<double> elapsed_seconds = {};
  double weight = 0;                 // total weight of the records
  double magnitude = 0;              // of the objective's terms, at t
  std::vector<Repair> repairs = {};  // of the start and of all steps
  Index repaired_steps = 0;
  bool last_step_repaired = false;  // or provisional
  Index falls = 0;                  // of the objective, beyond rounding, where theory promises ascent
  bool fell = false;                // at t
  bool stop_requested = false;

  double objective() const { return objectives.back(); }
  /// Objective minus the previous one; 0 at iteration 0.
  double gain() const {
    return t == 0 ? 0 : objectives[objectives.size() - 1] - objectives[objectives.size() - 2];
  }

  /// Takes the evaluation of iteration t. `monotone`: theory promises that the objective does not fall.
  void record(double objective, const Statistics& total, const Votes& votes, bool monotone, double seconds);
  /// Takes the global step from t to t + 1.
  void moved(const Change& change);
  /// As it was before `record`: what a fit that goes on from iteration t begins with.
  Progress before_evaluation() const;
};

/// Aitken's estimate of what the objective would still gain, in its own units; 0 if it cannot be told.
double estimated_gain_to_come(const Progress& progress);

}  // namespace jensen
