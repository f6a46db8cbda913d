#pragma once

#include <string>

#include "jensen/core/document.hpp"
#include "json.hpp"

namespace jensen::app {

/// Whether a model file has the steps of its fit taken apart, which `fit --decompose` writes.
bool has_decomposition(const Document& document);

// All that follow throw InputError where the arrays are not as a fit writes them.

/// Them as tables: log p = ELBO + KL after each step, and what each M-step gained.
std::string decomposition_tables(const Document& document);

/// In a line or two: how well the parts add up, and whether every M-step ascended.
std::string decomposition_summary(const Document& document);

/// Makes sure that the parts add up; returns how well they do.
std::string check_decomposition(const Document& document);

/// The arrays by step and name.
Json decomposition_json(const Document& document);

}  // namespace jensen::app
