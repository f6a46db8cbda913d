#pragma once

#include <string>

#include "jensen/data/feature_summary.hpp"

namespace jensen {

/// Which numbers a fit begins with. It ends in float64, whose digits its result has.
enum class Arithmetic { float64, float32 };

/// Of the option `precision`; throws UsageError where it is neither.
Arithmetic arithmetic_of(const std::string& precision);

/// Throws InputError where outliers leave float32 too few bits for all other records, in coordinates that are
/// scaled so.
void require_safe_in_float32(const FeatureSummary& summary, Scaling scaling);

}  // namespace jensen
