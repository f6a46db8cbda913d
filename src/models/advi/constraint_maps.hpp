#pragma once

#include <fmt/format.h>

#include <limits>
#include <span>
#include <string_view>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/constraint.hpp"

/// The maps of constraint.hpp, a type each: alike in form, chosen by `with_map` in constraint.cpp. Lengths
/// are right when they are called, and a start is finite.
namespace jensen::advi {

using Numbers = std::span<double>;
using Given = std::span<const double>;

/// A weight or a factor's diagonal is at least this, so that its logarithm and reciprocal are finite.
inline constexpr double kSmallest = std::numeric_limits<double>::min();

struct RealMap {
  static Index free(Index size) { return size; }
  static Index full(Index size) { return size; }
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct PositiveMap : RealMap {
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct IntervalMap : RealMap {
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct OrderedMap : RealMap {
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct SimplexMap {
  static Index free(Index size) { return size - 1; }
  static Index full(Index size) { return size; }
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct CorrelationMap {
  static Index free(Index order) { return order * (order - 1) / 2; }
  static Index full(Index order) { return order * (order + 1) / 2; }
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

struct CovarianceMap {
  static Index free(Index order) { return order * (order + 1) / 2; }
  static Index full(Index order) { return order * (order + 1) / 2; }
  static double constrain(const ParameterBlock&, Given zeta, Numbers theta);
  static void pull_back(const ParameterBlock&, Given zeta, Given theta, Given gradient, double weight,
                        Numbers sum);
  static void unconstrain(const ParameterBlock&, Given theta, Numbers zeta);
};

/// @param element numbered from 0
/// @param expected goes on from "must be"
[[noreturn]] inline void refuse_start(const ParameterBlock& block, std::size_t element, double found,
                                      std::string_view expected) {
  throw InputError(
      fmt::format("parameter '{}' starts with element {} at {} (must be {}; elements are numbered from 0)",
                  block.name, element, found, expected));
}

}  // namespace jensen::advi
