#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io {

/// How far an import has come.
struct ImportProgress {
  std::int64_t bytes_read = 0;
  std::int64_t bytes_total = 0;  // 0 where the input is a pipe
  Index records = 0;
};

/// What an import has written.
struct ImportSummary {
  Index records = 0;
  Index features = 0;
  std::vector<std::string> feature_names = {};  // empty where the input names none
  double seconds = 0;
  std::int64_t bytes = 0;  // of the input
};

using ImportObserver = std::function<void(const ImportProgress&)>;

}  // namespace jensen::io
