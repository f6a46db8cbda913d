#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "unit.hpp"

namespace jensen::app {

/// What `jensen compare` prints, one or the other.
struct Comparison {
  std::string text = {};
  Json json = Json::object();

  /// A line of the text.
  void line(const std::string& label, const std::string& words);
};

/// KL(p || q), KL(q || p), symmetrised and Jensen-Shannon, nats; none where there is nothing to say.
using DivergenceValues = std::array<std::optional<double>, 4>;

/// Divergences that were found in one way.
struct DivergenceRow {
  std::string key = {};    // in JSON: "variational_upper_bound"
  std::string label = {};  // in the table: "variational"
  std::string kind = {};   // "exact", "estimate", "approximation", "upper bound", "lower bound"
  DivergenceValues values = {};
  DivergenceValues standard_errors = {};
};

/// Adds a table of the rows, or their numbers under their keys, and says what is symmetrised.
void add_divergences(const std::vector<DivergenceRow>& rows, const Unit& unit, Comparison& comparison);

}  // namespace jensen::app
