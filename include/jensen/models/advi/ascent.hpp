#pragma once

#include "jensen/models/advi/family.hpp"

namespace jensen::advi {

/// How q follows a noisy gradient.
enum class StepRule {
  natural,   // along the natural gradient, at a falling rate
  adaptive,  // Kucukelbir et al. 2017, eq. 10-11
  adam,      // Kingma and Ba 2015
};

/// Steps of a stochastic ascent, with what it remembers of the gradients before.
class Ascent {
 public:
  Ascent() = default;
  Ascent(StepRule rule, Index parameters);

  /// Step number `step`, from 0, of a run at this step size.
  void take(Family& family, const Vector& gradient, Index step, double step_size);
  /// Forgets the gradients.
  void restart();

  void describe(Archive& archive);

 private:
  StepRule rule_ = StepRule::natural;
  Vector first_, second_;  // running means of the gradient and of its square
};

}  // namespace jensen::advi
