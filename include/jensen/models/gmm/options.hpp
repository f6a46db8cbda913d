#pragma once

#include <tuple>

#include "jensen/core/options.hpp"
#include "jensen/fit/decomposition.hpp"

namespace jensen::gmm {

struct Options {
  std::string covariance = "full";
  double covariance_floor = 1e-6;
  bool equal_weights = false;
  double fixed_variance = 0;
  std::string precision = "float64";
  bool decompose = false;
  std::string kernel = "automatic";

  static auto fields() {
    return std::tuple(
        Field{"covariance", &Options::covariance, "full|tied|diag|spherical|equal-spherical",
              "family of the covariance matrices, or its three letters; see 'jensen help covariance'"},
        Field{"covariance-floor", &Options::covariance_floor, "f",
              "smallest eigenvalue of a covariance, relative to the feature variances; 0 = none"},
        Field{"equal-weights", &Options::equal_weights, "", "keep all mixing weights at 1/K"},
        Field{"fixed-variance", &Options::fixed_variance, "s2",
              "keep all variances at s2, in squared units of the data (equal-spherical only); 0 = estimate"},
        Field{"precision", &Options::precision, "float64|float32",
              "float32: compute densities in single precision until components hardly move, then in double "
              "to the end (diag, spherical and equal-spherical only)"},
        Field{"decompose", &Options::decompose, "", kDecomposeHelp},
        Field{"kernel", &Options::kernel, "automatic|centred|expanded", "how quadratic forms are computed",
              OptionKind::hidden});
  }
};

}  // namespace jensen::gmm
