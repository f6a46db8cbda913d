#pragma once

#include <cstdint>

namespace jensen {

/// A hash of all bits of a small fixed workload: products and factors of matrices, exponentials, logarithms,
/// gamma functions. Where two machines or builds give different values, bits of a fit may differ between
/// them; where they give the same, they very likely do not.
std::int64_t numeric_canary();

}  // namespace jensen
