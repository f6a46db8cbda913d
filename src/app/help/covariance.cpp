#include <fmt/format.h>

#include "jensen/models/mixture/family.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

constexpr Index kComponents = 3, kFeatures = 4;

/// Free parameters of the parts whose letter is `letter`: of a volume, a shape and an orientation.
std::string free_in(std::string_view letters, char letter) {
  static constexpr const char* kSums[] = {
      "", "1", "(D-1)", "D", "D(D-1)/2", "(D(D-1)/2+1)", "(D-1)(D+2)/2", "D(D+1)/2"};
  std::size_t parts = 0;
  for (std::size_t i = 0; i < 3; ++i) parts += letters[i] == letter ? std::size_t{1} << i : 0;
  return kSums[parts];
}

std::string formula(std::string_view letters) {
  const std::string own = free_in(letters, 'V'), shared = free_in(letters, 'E');
  const std::string of_all = own == "1" ? "K" : own.empty() ? "" : "K " + own;
  return of_all + (of_all.empty() || shared.empty() ? "" : " + ") + shared;
}

std::string meaning(char letter) {
  return letter == 'E' ? "equal" : letter == 'V' ? "own" : "-";
}

}  // namespace

Page covariance_page() {
  std::vector<Row> rows = {{"letters", "--covariance", "volume", "shape", "orientation", "free parameters",
                            fmt::format("K={} D={}", kComponents, kFeatures)}};
  for (const mixture::Family& family : mixture::families()) {
    const std::string_view letters = family.letters;
    rows.push_back({std::string(letters), std::string(family.alias), meaning(letters[0]), meaning(letters[1]),
                    meaning(letters[2]), formula(letters),
                    fmt::to_string(family.covariance_parameters(kComponents, kFeatures))});
  }
  return Page()
      .paragraph(
          "The covariance matrix of a component is volume * orientation * shape * orientation', where the "
          "volume is a number, the shape a diagonal matrix of determinant 1, and the orientation a rotation. "
          "A family says of each whether components have their own (V), share one that is equal (E), or have "
          "the identity (I, shown as -): then components are round, or lie along the axes. --covariance "
          "takes the letters or the name.")
      .heading("families")
      .rows(rows)
      .paragraph(
          "A mixture has K-1 weights (none with --equal-weights) and K D means beside these. Of data with "
          "one feature, E is equal-spherical and V is spherical. Fewer parameters need fewer records, and "
          "BIC ('jensen score') tells which family the data ask for.");
}

}  // namespace jensen::app::help
