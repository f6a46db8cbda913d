#pragma once

#include <string>
#include <tuple>

#include "jensen/core/options.hpp"
#include "jensen/fit/decomposition.hpp"

namespace jensen::kmeans {

struct Options {
  std::string precision = "float64";
  bool decompose = false;
  double fixed_variance = 0;
  std::string kernel = "automatic";

  static auto fields() {
    return std::tuple(
        Field{"precision", &Options::precision, "float64|float32",
              "float32: compare distances in single precision until centroids hardly move, then in double to "
              "the end; sums are always in double"},
        Field{"decompose", &Options::decompose, "", kDecomposeHelp},
        Field{"fixed-variance", &Options::fixed_variance, "s2",
              "with --decompose: variance of the mixture that k-means stands for, in the unit of the "
              "inertia; 0 "
              "= inertia/(N D)"},
        Field{"kernel", &Options::kernel, "automatic|plain|bounded", "how labels are found",
              OptionKind::hidden});
  }
};

}  // namespace jensen::kmeans
