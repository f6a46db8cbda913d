#pragma once

#include "jensen/models/advi/bernstein_von_mises.hpp"

namespace jensen::advi {

/// What was found, as arrays of "/fit/bernstein_von_mises", one number for each part of the records of which
/// something was found; beside them the sentences `conditions`, `verdict`, `refusals` and `refused_parts`.
void record(const BernsteinVonMises& found, Document& document);

}  // namespace jensen::advi
