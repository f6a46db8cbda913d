#pragma once

#include "jensen/data/block.hpp"
#include "jensen/models/mixture/family.hpp"

namespace jensen::mixture {

/// Where the sums of a Gaussian mixture stand in the body of its statistics: per component its second moments
/// (Q numbers), first moments (D) and weight, all about the component's reference point; then the pooled
/// second moments. Packed moments are in the order of `for_each_pair`.
struct MomentLayout {
  Index components = 0;
  Index features = 0;
  Quadratic component = Quadratic::none;
  Quadratic pooled = Quadratic::none;

  Index quadratic() const { return quadratic_size(component, features); }
  Index width() const { return quadratic() + features + 1; }  // F
  Index size() const { return components * width() + quadratic_size(pooled, features); }
};

/// Packed moments hold the pairs of features (i, i), then (i, i + 1), and so on around the circle of
/// features, so that those of one distance lie in one row and are a product of two vectors. Calls
/// `visit(distance, pairs, position)` for each distance; its pairs have i = 0 1 2 ...
template <class Visit>
void for_each_distance(Index features, Visit visit) {
  Index position = 0;
  for (Index distance = 0; 2 * distance <= features; ++distance) {
    const Index pairs = 2 * distance == features && distance > 0 ? distance : features;
    visit(distance, pairs, position);
    position += pairs;
  }
}

/// Calls `visit(i, j, position)` for each pair of features that packed moments hold.
template <class Visit>
void for_each_pair(Index features, Visit visit) {
  for_each_distance(features, [&](Index distance, Index pairs, Index position) {
    for (Index i = 0; i < pairs; ++i) visit(i, (i + distance) % features, position + i);
  });
}

/// scatter = moments - weight * offset offset', in the given form: second moments about the mean.
void subtract_outer(Quadratic kind, double weight, const Eigen::Ref<const Vector>& offset,
                    Eigen::Ref<Vector> moments);

/// moments += weight * offset offset'.
inline void add_outer(Quadratic kind, double weight, const Eigen::Ref<const Vector>& offset,
                      Eigen::Ref<Vector> moments) {
  subtract_outer(kind, -weight, offset, moments);
}

}  // namespace jensen::mixture
