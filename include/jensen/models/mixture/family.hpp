#pragma once

#include <span>
#include <string_view>

#include "jensen/data/feature_summary.hpp"

namespace jensen::mixture {

/// Second moments that a covariance needs: none, |z|^2, each z_d^2, or the upper triangle of z z'.
enum class Quadratic { none, norm, squares, packed };

/// Numbers in a quadratic form over D features.
Index quadratic_size(Quadratic kind, Index features);

/// A covariance family of Banfield and Raftery (1993) and Celeux and Govaert (1995): volume, shape and
/// orientation of the components are E(qual), V(ariable), or I (identity) for shape and orientation.
///
/// A family is a row of the table: which second moments it needs of each component, or of all together, and
/// how its features may be scaled. The estimate follows from the moments.
struct Family {
  std::string_view letters;  // "VVV": what files have
  std::string_view alias;    // "full"
  Quadratic component;       // moments of each component; none: the covariance is shared
  Quadratic pooled;          // moments of all records together
  Scaling scaling;

  bool shared() const { return component == Quadratic::none; }
  Quadratic form() const { return shared() ? pooled : component; }

  /// Free parameters of the covariances of K components in D features.
  Index covariance_parameters(Index components, Index features) const;
};

/// The families that jensen fits.
std::span<const Family> families();

/// By letters or alias, in either case; E and V are families of one feature. Throws UsageError listing what
/// there is.
const Family& find_family(std::string_view name, Index features);

}  // namespace jensen::mixture
