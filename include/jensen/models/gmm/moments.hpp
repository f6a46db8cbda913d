#pragma once

#include "jensen/data/block.hpp"
#include "jensen/models/gmm/family.hpp"

namespace jensen::gmm {

/// Where the sums of a Gaussian mixture stand in the body of its statistics: per component its second moments
/// (Q numbers), first moments (D) and weight, all about the component's reference point; then the pooled
/// second moments. Packed moments are the upper triangle, row by row.
struct MomentLayout {
  Index components = 0;
  Index features = 0;
  Quadratic component = Quadratic::none;
  Quadratic pooled = Quadratic::none;

  Index quadratic() const { return quadratic_size(component, features); }
  Index width() const { return quadratic() + features + 1; }  // F
  Index size() const { return components * width() + quadratic_size(pooled, features); }
};

/// The quadratic features of a tile: columns z_i z_j (i <= j), z_d^2 or |z|^2, written into `out` (B x Q).
void quadratic_features(Quadratic kind, const Eigen::Ref<const Matrix>& z, Eigen::Ref<Matrix> out);

/// The second moments sum_n r_n z_n z_n' in the given form.
void add_second_moments(Quadratic kind, const Eigen::Ref<const Matrix>& z,
                        const Eigen::Ref<const Eigen::ArrayXd>& r, Eigen::Ref<Vector> moments);

/// scatter = moments - weight * offset offset', in the given form: second moments about the mean.
void subtract_outer(Quadratic kind, double weight, const Eigen::Ref<const Vector>& offset,
                    Eigen::Ref<Vector> moments);

/// moments += weight * offset offset'.
inline void add_outer(Quadratic kind, double weight, const Eigen::Ref<const Vector>& offset,
                      Eigen::Ref<Vector> moments) {
  subtract_outer(kind, -weight, offset, moments);
}

}  // namespace jensen::gmm
