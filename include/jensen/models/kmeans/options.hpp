#pragma once

#include <string>
#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::kmeans {

struct Options {
  std::string precision = "float64";
  std::string kernel = "automatic";

  static auto fields() {
    return std::tuple(
        Field{"precision", &Options::precision, "float64|float32",
              "float32: compare distances in single precision until centroids hardly move, then in double to "
              "the end; sums are always in double"},
        Field{"kernel", &Options::kernel, "automatic|plain|bounded", "how labels are found",
              OptionKind::hidden});
  }
};

}  // namespace jensen::kmeans
