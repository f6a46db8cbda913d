#pragma once

#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::kmeans {

/// k-means has no options beside those of every fit.
struct Options {
  static auto fields() { return std::tuple(); }
};

}  // namespace jensen::kmeans
