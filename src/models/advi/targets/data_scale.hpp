#pragma once

#include "jensen/core/types.hpp"

namespace jensen::advi {

/// UsageError where a setting of that name is not positive and finite.
void require_positive(const char* name, double value);

/// UsageError unless the data's centre is finite and its spread positive, feature by feature, at least one.
void require_data_scale(const Vector& centre, const Vector& spread);

}  // namespace jensen::advi
