#include "jensen/models/gmm/moments.hpp"

namespace jensen::gmm {

void quadratic_features(Quadratic kind, const Eigen::Ref<const Matrix>& z, Eigen::Ref<Matrix> out) {
  switch (kind) {
    case Quadratic::none:
      return;
    case Quadratic::norm:
      out.col(0) = z.rowwise().squaredNorm();
      return;
    case Quadratic::squares:
      out = z.cwiseAbs2();
      return;
    case Quadratic::packed: {
      Index column = 0;
      for (Index i = 0; i < z.cols(); ++i) {
        for (Index j = i; j < z.cols(); ++j) out.col(column++) = z.col(i).cwiseProduct(z.col(j));
      }
      return;
    }
  }
}

void add_second_moments(Quadratic kind, const Eigen::Ref<const Matrix>& z,
                        const Eigen::Ref<const Eigen::ArrayXd>& r, Eigen::Ref<Vector> moments) {
  switch (kind) {
    case Quadratic::none:
      return;
    case Quadratic::norm:
      moments[0] += r.matrix().dot(z.rowwise().squaredNorm());
      return;
    case Quadratic::squares:
      moments += z.cwiseAbs2().transpose() * r.matrix();
      return;
    case Quadratic::packed: {
      const Matrix weighted = z.array().colwise() * r;
      const Matrix product = weighted.transpose() * z;
      Index position = 0;
      for (Index i = 0; i < z.cols(); ++i) {
        for (Index j = i; j < z.cols(); ++j) moments[position++] += product(i, j);
      }
      return;
    }
  }
}

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
      Index position = 0;
      for (Index i = 0; i < offset.size(); ++i) {
        for (Index j = i; j < offset.size(); ++j) moments[position++] -= weight * offset[i] * offset[j];
      }
      return;
    }
  }
}

}  // namespace jensen::gmm
