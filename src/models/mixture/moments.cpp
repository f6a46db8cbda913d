#include "jensen/models/mixture/moments.hpp"

namespace jensen::mixture {

void subtract_outer(Quadratic kind, double weight, const Eigen::Ref<const Vector>& offset,
                    Eigen::Ref<Vector> moments) {
  switch (kind) {
    case Quadratic::none:
      return;
    case Quadratic::norm:
      moments[0] -= weight * offset.squaredNorm();
      return;
    case Quadratic::squares:
      moments -= weight * offset.cwiseAbs2();
      return;
    case Quadratic::packed: {
      for_each_pair(offset.size(), [&](Index i, Index j, Index position) {
        moments[position] -= weight * offset[i] * offset[j];
      });
      return;
    }
  }
}

}  // namespace jensen::mixture
