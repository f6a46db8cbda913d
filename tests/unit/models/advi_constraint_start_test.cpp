#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/constraint.hpp"

using namespace jensen;
using advi::Constraint;
using advi::ParameterBlock;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = HUGE_VAL;

/// What is said about a start; empty where it is taken.
std::string refusal(const ParameterBlock& block, const std::vector<double>& theta) {
  std::vector<double> zeta(static_cast<std::size_t>(unconstrained_size(block)));
  try {
    unconstrain(block, theta, zeta);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string fault(const ParameterBlock& block) {
  try {
    check(block);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A start outside of its constraint is refused, with its name and element") {
  const ParameterBlock scale{"scale", Constraint::positive, 2}, rate{"rate", Constraint::interval, 1, 0, 1},
      weights{"weights", Constraint::simplex, 3}, cuts{"cuts", Constraint::ordered, 3},
      correlation{"R", Constraint::correlation_cholesky, 2},
      covariance{"S", Constraint::covariance_cholesky, 2};
  CHECK(refusal(scale, {1, -.5}) ==
        "parameter 'scale' starts with element 1 at -0.5 (must be above 0; elements are numbered from 0)");
  CHECK(refusal(scale, {0, 1}) ==
        "parameter 'scale' starts with element 0 at 0 (must be above 0; elements are numbered from 0)");
  CHECK(refusal(scale, {1, kNan}) ==
        "parameter 'scale' starts with element 1 at nan (must be finite; elements are numbered from 0)");
  CHECK(refusal(scale, {kInfinity, 1}) ==
        "parameter 'scale' starts with element 0 at inf (must be finite; elements are numbered from 0)");
  CHECK(refusal(scale, {1}) == "parameter 'scale' starts with 1 numbers (must be 2)");
  for (const double end : {0., 1., 1.5, -1e-300})
    CHECK_THAT(refusal(rate, {end}), Catch::Contains("(must be between 0 and 1, not at an end; "));
  CHECK(refusal(weights, {.5, .25, .2}) ==
        "parameter 'weights' starts with numbers of sum 0.95 (must be 1, as a simplex)");
  CHECK_THAT(refusal(weights, {1, 0, 0}), Catch::Contains("element 1 at 0 (must be above 0, as a simplex;"));
  CHECK_THAT(refusal(weights, {1.5, -.25, -.25}), Catch::Contains("element 1 at -0.25"));
  CHECK_THAT(refusal(cuts, {-1, 2, 2}),
             Catch::Contains("element 2 at 2 (must be above element 1, which is 2;"));
  CHECK_THAT(refusal(cuts, {-1, -2, 2}),
             Catch::Contains("element 1 at -2 (must be above element 0, which is -1"));
  CHECK_THAT(refusal(correlation, {1, .6, .7}),
             Catch::Contains("row 1 of norm 0.92") &&
                 Catch::Contains("(must be 1, as a row of a correlation matrix"));
  CHECK_THAT(refusal(correlation, {.9, .6, .8}), Catch::Contains("row 0 of norm 0.9 "));
  CHECK_THAT(refusal(correlation, {1, .6, -.8}),
             Catch::Contains("element 2 at -0.8 (must be above 0, on the diagonal of a Cholesky factor"));
  CHECK_THAT(refusal(covariance, {1, 3, 0}),
             Catch::Contains("element 2 at 0 (must be above 0, on the diagonal"));
  CHECK_THAT(refusal({"b", Constraint::real, 2}, {1, -kInfinity}), Catch::Contains("element 1 at -inf"));
}

TEST_CASE("A start that is right to rounding is taken") {
  CHECK(refusal({"weights", Constraint::simplex, 3}, {1 / 3., 1 / 3., .3333333333}) == "");
  CHECK(refusal({"weights", Constraint::simplex, 1}, {1}) == "");
  CHECK(refusal({"R", Constraint::correlation_cholesky, 2}, {1, .6, .800000001}) == "");
  CHECK(refusal({"cuts", Constraint::ordered, 2}, {1, std::nextafter(1, 2)}) == "");
}

TEST_CASE("A parameter without numbers, and an interval without room, are refused") {
  CHECK(fault({"b", Constraint::real, 0}) == "parameter 'b' has size 0 (must be at least 1)");
  CHECK(fault({"b", Constraint::correlation_cholesky, -1}) ==
        "parameter 'b' has size -1 (must be at least 1)");
  CHECK(fault({"p", Constraint::interval, 1, 2, 1}) ==
        "parameter 'p' lies between 2 and 1 (must be two finite numbers with others between them, the lower "
        "one "
        "first)");
  for (const auto& [lower, upper] : {std::pair(1., 1.), std::pair(0., kInfinity), std::pair(kNan, 1.),
                                     std::pair(-1e308, 1e308), std::pair(1., std::nextafter(1, 2))})
    CHECK_THAT(fault({"p", Constraint::interval, 1, lower, upper}),
               Catch::Contains("parameter 'p' lies between"));
  CHECK(fault({"p", Constraint::interval, 1, -1e300, 1e300}) == "");
  CHECK(fault({"b", Constraint::real, 1, 2, 1}) == "");  // bounds are an interval's alone
}
