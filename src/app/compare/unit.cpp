#include "unit.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "jensen/core/error.hpp"
#include "jensen/core/options.hpp"

namespace jensen::app {

Unit unit_of(const std::string& base) {
  if (base == "e") return {};
  double number = 0;
  parse_option("base", base, number);
  if (!(number > 1 && std::isfinite(number)))
    throw UsageError(fmt::format("base = {} (must be e, 2 or another number above 1)", base));
  return {number == 2 ? "bits" : fmt::format("logs to base {:g}", number), std::log(number)};
}

Json json_number(double value) {
  if (std::isfinite(value)) return value;
  return fmt::format("{}", value);
}

}  // namespace jensen::app
