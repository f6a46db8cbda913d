#include "jensen/models/mixture/family.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "jensen/core/error.hpp"

namespace jensen::mixture {
namespace {

constexpr std::array kFamilies = {
    Family{"VVV", "full", Quadratic::packed, Quadratic::none, Scaling::per_feature},
    Family{"EEE", "tied", Quadratic::none, Quadratic::packed, Scaling::per_feature},
    Family{"VVI", "diag", Quadratic::squares, Quadratic::none, Scaling::per_feature},
    Family{"VII", "spherical", Quadratic::norm, Quadratic::none, Scaling::common},
    Family{"EII", "equal-spherical", Quadratic::none, Quadratic::norm, Scaling::common},
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

Index free_in(char letter, Index equal, Index components) {
  return letter == 'I' ? 0 : letter == 'E' ? equal : components * equal;
}

}  // namespace

Index quadratic_size(Quadratic kind, Index features) {
  switch (kind) {
    case Quadratic::none:
      return 0;
    case Quadratic::norm:
      return 1;
    case Quadratic::squares:
      return features;
    case Quadratic::packed:
      return features * (features + 1) / 2;
  }
  return 0;
}

Index Family::covariance_parameters(Index components, Index features) const {
  return free_in(letters[0], 1, components) + free_in(letters[1], features - 1, components) +
         free_in(letters[2], features * (features - 1) / 2, components);
}

std::span<const Family> families() {
  return kFamilies;
}

const Family& find_family(std::string_view name, Index features) {
  std::string wanted = lower_case(name);
  if (features == 1 && wanted == "e") wanted = "eii";
  if (features == 1 && wanted == "v") wanted = "vii";
  for (const Family& family : kFamilies) {
    if (wanted == lower_case(family.letters) || wanted == family.alias) return family;
  }
  std::string known;
  for (const Family& family : kFamilies)
    known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", family.alias, family.letters);
  throw UsageError(
      fmt::format("covariance = '{}' (must be one of {}{})", name, known, features == 1 ? ", E, V" : ""));
}

}  // namespace jensen::mixture
