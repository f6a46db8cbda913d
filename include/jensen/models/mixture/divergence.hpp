#pragma once

#include <array>
#include <functional>

#include "jensen/fit/accumulate.hpp"
#include "jensen/models/mixture/density.hpp"

namespace jensen::mixture {

/// A mean over draws and its standard error.
struct Estimate {
  double value = 0;
  double standard_error = 0;
};

/// Estimates from as many draws of p as of q, nats.
struct DivergenceEstimates {
  Estimate forward;         // KL(p || q)
  Estimate reverse;         // KL(q || p)
  Estimate symmetrised;     // their sum
  Estimate jensen_shannon;  // half of KL(p || m) + KL(q || m), m = (p + q) / 2
  Index draws = 0;          // of each
};

/// In this order.
inline std::array<Estimate, 4> all_of(const DivergenceEstimates& estimates) {
  return {estimates.forward, estimates.reverse, estimates.symmetrised, estimates.jensen_shannon};
}

/// When there are enough draws.
struct DrawPlan {
  double standard_error = 1e-3;                           // to be reached, nats
  Index most_draws = 10'000'000;                          // of each
  std::array<bool, 4> judged = {true, true, true, true};  // which estimates have to reach it, in their order
};

/// The largest standard error of those that the plan judges.
double largest_error(const DivergenceEstimates& estimates, const DrawPlan& plan);
inline bool is_precise(const DivergenceEstimates& estimates, const DrawPlan& plan) {
  return largest_error(estimates, plan) <= plan.standard_error;
}

/// Monte Carlo estimates from rounds of draws, until their standard errors are as wanted or the draws are
/// used up. Draw n of p and draw n of q are a pair, made from the same random numbers, so that the
/// symmetrised estimates gain where p and q are alike. Estimates follow from the seed of the samplers alone:
/// the same bits on any number of ranks. `show` is told of each round. Collective. Throws NumericalError
/// where a log-density is not finite.
DivergenceEstimates estimate_divergences(const Density& p, const Density& q, const DrawPlan& plan,
                                         const Communicator& comm,
                                         const std::function<void(const DivergenceEstimates&)>& show = {});

}  // namespace jensen::mixture
