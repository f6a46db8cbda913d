#pragma once

#include <optional>

#include "surface.hpp"

namespace jensen::advi {

/// The highest of some points on the way from zeta to zeta + step and, where none of them is higher than
/// `value`, closer to zeta; none where these are not either. All points of a try in one pass.
std::optional<Vector> search(const Surface& surface, const Vector& zeta, const Vector& step, double value);

/// L-BFGS (Nocedal and Wright 2006, algorithm 7.5), until the next step is estimated to be shorter than
/// `tolerance` standard deviations, nothing rises, or the limit is reached.
Vector climb_by_gradients(const Surface& surface, const Vector& start, Index max_iterations, double tolerance,
                          Index& iterations);

}  // namespace jensen::advi
