#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// Addresses in cache lines.
using CacheLines = std::span<const char* const>;
using CacheLineList = std::vector<const char*>;

/// Brings cache lines near that are soon to be read, some at each of so many steps of other work: asked for
/// all at once they would hold it up.
class Prefetcher {
 public:
  Prefetcher(CacheLines lines, Index steps)
      : lines_(lines), at_once_(lines.size() / static_cast<std::size_t>(std::max<Index>(steps, 1)) + 1) {}

  void step() {
    const CacheLines now = lines_.first(std::min(at_once_, lines_.size()));
    for (const char* const line : now) __builtin_prefetch(line);
    lines_ = lines_.subspan(now.size());
  }

 private:
  CacheLines lines_;
  std::size_t at_once_;
};

}  // namespace jensen
