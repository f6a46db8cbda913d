#pragma once

#include <string>

#include "app/json.hpp"

namespace jensen::app {

/// What information is counted in: the base of the logarithms.
struct Unit {
  std::string name = "nats";
  double nats = 1;  // in one unit

  double of(double in_nats) const { return in_nats / nats; }
};

/// Of "e", "2", or another number above 1. Throws UsageError.
Unit unit_of(const std::string& base);

/// A number for JSON, which has no infinity: "inf", "-inf" then.
Json json_number(double value);

}  // namespace jensen::app
