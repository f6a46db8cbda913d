#pragma once

#include <functional>

#include "jensen/core/random.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// Log density up to a constant; -inf where there is none.
using LogDensity = std::function<double(const Vector&)>;

struct MetropolisPlan {
  Index warm_up = 5000;   // steps before the first draw, in which the proposal adapts
  Index draws = 10000;    // of each chain
  Index thinning = 1;     // steps for each draw
  double first_step = 1;  // standard deviation of the first proposals, in each coordinate
  std::uint64_t seed = 1;
  Purpose purpose = Purpose::sampling;
};

struct MetropolisSample {
  RowMatrix draws;        // (chains * plan.draws) x D, chain after chain
  double acceptance = 0;  // share of the proposals after the warm-up
  Index undefined = 0;    // proposals, of the warm-up too, of density NaN or +inf; never accepted
};

/// Random-walk Metropolis, a slow but independent judge of an approximation. In the warm-up the normal
/// proposal learns the covariance of the target and the scale at which .234 of the proposals are accepted
/// (Andrieu and Thoms 2008, algorithm 4); then it is fixed, so that the target is the chains' exact limit. A
/// step of a chain is a function of (seed, purpose, chain, step): the same on every rank, in any order of
/// chains, and in a longer run.
/// @param starts chains x D, best farther apart than the target is wide
/// @pre warm_up >= 0, draws >= 1, thinning >= 1, first_step > 0, D >= 1
/// @throws NumericalError where the density at a start is not finite
MetropolisSample metropolis(const LogDensity& log_density, const RowMatrix& starts,
                            const MetropolisPlan& plan);

}  // namespace jensen
