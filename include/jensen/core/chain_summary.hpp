#pragma once

#include <span>

#include "jensen/core/types.hpp"

namespace jensen {

/// What Markov chains say of one number, and how well.
struct ChainSummary {
  double mean = 0;
  double sd = 0;          // of the target
  double mean_error = 0;  // Monte Carlo standard errors, by batch means
  double sd_error = 0;
  double r_hat = 0;  // near 1 where the halves of all chains agree; infinite where none of them moved
};

/// Batches are as long as the square root of a chain (Jones et al. 2006); R-hat compares the first and second
/// halves of all chains (Gelman et al. 2013, section 11.4); a middle draw is left out of it where their
/// number is odd.
/// @param values of one number, chain after chain, all finite
/// @pre chains >= 1, all of the same length of at least 4
ChainSummary summarise_chains(std::span<const double> values, Index chains);

}  // namespace jensen
