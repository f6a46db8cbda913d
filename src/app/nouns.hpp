#pragma once

namespace jensen::app {

/// What a kind of data calls its parts, in texts for people.
struct Nouns {
  const char* records = "records";
  const char* features = "features";
  const char* components = "components";  // empty: there are none
  const char* component = "component";
  const char* weight = "record";  // a unit of the total weight, and several
  const char* weights = "records";
  const char* total_weight = "total weight";
};

}  // namespace jensen::app
