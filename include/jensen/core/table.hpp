#pragma once

#include <string>
#include <vector>

namespace jensen {

/// A table of texts for people: columns are aligned, numbers to the right. Rows that do not fit are for the
/// renderer to cut, saying so.
struct Table {
  std::vector<std::string> header = {};
  std::vector<std::vector<std::string>> rows = {};
};

}  // namespace jensen
