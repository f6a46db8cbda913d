#pragma once

#include "jensen/core/types.hpp"

namespace jensen {

/// The x >= 0, n numbers, of least |A x - b|, by the active set of Lawson and Hanson (1974, chapter 23).
/// Serial. Numbers of x that are 0 are exactly 0.
/// @param a m x n, of columns that are not 0
/// @param b m numbers
Vector nonnegative_least_squares(const Matrix& a, const Vector& b);

}  // namespace jensen
