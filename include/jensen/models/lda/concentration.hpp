#pragma once

#include "jensen/core/types.hpp"

namespace jensen::lda {

/// The bound's part that a Dirichlet's concentration a (K) is chosen by, for n draws whose expected
/// logarithms add up to s (K): n (log Gamma(sum a) - sum log Gamma(a_k)) + sum (a_k - 1) s_k.
double dirichlet_log_likelihood(const Vector& concentration, double draws, const Vector& log_sums);

/// The concentration that maximises it, by Newton's method on the logarithms, which never takes a step that
/// lowers it (Minka 2000; Blei, Ng and Jordan 2003, A.2 and A.4.2). Entries stay within [1e-6, 1e6]. Returns
/// `start` where there are no draws.
Vector fit_concentration(const Vector& start, double draws, const Vector& log_sums);

/// The same where all `dimensions` entries are equal; `log_sum` is over draws and dimensions.
double fit_symmetric_concentration(double start, Index dimensions, double draws, double log_sum);

}  // namespace jensen::lda
