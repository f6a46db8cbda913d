#pragma once

#include <array>
#include <span>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/core/types.hpp"
#include "jensen/fit/archive.hpp"
#include "jensen/fit/progress.hpp"

namespace jensen {

/// Of the option that asks for it.
inline constexpr const char* kDecomposeHelp =
    "print log p = ELBO + KL after every E-step and M-step: why EM ascends";

/// log p(x | θ) = ELBO(q, θ) + KL(q ‖ p(z | x, θ)) and ELBO = Q + entropy, each part added up by itself;
/// weighted sums over records, nats (Neal and Hinton 1998).
struct Decomposition {
  double log_likelihood = 0;
  double expected_log_joint = 0;  // Q: E_q[log p(x, z | θ)]
  double entropy = 0;             // of q
  double kl_divergence = 0;

  double elbo() const { return expected_log_joint + entropy; }
};

/// What a pass of EM at θ_t says of the two steps behind it: the M-step from θ_{t-1} to θ_t, which kept
/// q_{t-1}, and the E-step that then made q_t.
struct EmSteps {
  Decomposition m_step = {};           // q_{t-1} at θ_t; nothing at t = 0
  Decomposition e_step = {};           // q_t at θ_t
  double log_likelihood_gain = 0;      // of the M-step; added up record by record
  double expected_log_joint_gain = 0;  // Q(θ_t, θ_{t-1}) - Q(θ_{t-1}, θ_{t-1}); likewise
  double magnitude = 0;                // of the terms: the scale of rounding errors
};

/// The same as bare numbers, which add up.
using EmStepNumbers = std::array<double, sizeof(EmSteps) / sizeof(double)>;

/// What q an E-step makes: the posterior p(z | x, θ), or all mass on its mode (k-means).
enum class Variational { posterior, point_mass };

/// The steps as B records have it. `weights`: B; a record of weight 0 is absent. `before` (B x K, or empty at
/// t = 0) and `now` (B x K): log p(x_n, z_n = k) under θ_{t-1} and θ_t.
EmSteps em_steps(std::span<const double> weights, const Matrix& before, const Matrix& now, Variational q);

/// The steps of a fit from its start on.
class EmStepTrace {
 public:
  /// Takes what the pass at the next θ_t says. `exempt`: theory promises no ascent of the M-step that follows
  /// it (a repair, or single precision).
  void add(const EmSteps& steps, bool exempt);

  void describe(Archive& archive);

  /// Writes "/fit/decomposition", in the data's units: `e_step` of iterations 0 ... t, `m_step` of steps 1
  /// ... t. `last`: of the pass at θ_t, after which no step was taken; `weight`: of all records.
  void record(const EmSteps& last, Variational q, const ObjectiveUnits& units, double weight,
              Document& document) const;

 private:
  std::vector<EmSteps> steps_;
  std::vector<Index> exempt_;
};

}  // namespace jensen
