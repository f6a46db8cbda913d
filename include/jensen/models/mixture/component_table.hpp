#pragma once

#include "jensen/core/document.hpp"
#include "jensen/core/table.hpp"

namespace jensen::mixture {

/// Weight, size, extreme eigenvalues of the covariance, means and standard deviations of a stored mixture's
/// components, in the data's units, the heaviest one first. Those smaller than `least_size` records are left
/// out. Throws InputError where arrays of "/parameters" do not go together.
Table component_table(const Document& document, double least_size = 0);

}  // namespace jensen::mixture
