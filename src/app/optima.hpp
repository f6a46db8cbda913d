#pragma once

#include "jensen/core/document.hpp"
#include "jensen/core/table.hpp"

namespace jensen::app {

/// The different objectives that restarts ended at, best first: how often each was found, where first, after
/// how many iterations. Objectives within 1e-6 (relative) of a group's best count as one.
Table optima_table(const Document& document);

}  // namespace jensen::app
