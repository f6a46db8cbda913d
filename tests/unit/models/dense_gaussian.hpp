#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "jensen/models/gmm/gmm.hpp"

namespace test {

using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

/// L with L L' = sigma, by Cholesky and Banachiewicz; needs sigma positive definite.
inline LongMatrix long_cholesky(const LongMatrix& sigma) {
  const Eigen::Index d = sigma.rows();
  LongMatrix l = LongMatrix::Zero(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      long double sum = sigma(i, j);
      for (Eigen::Index m = 0; m < j; ++m) sum -= l(i, m) * l(j, m);
      l(i, j) = i == j ? std::sqrt(sum) : sum / l(j, j);
    }
  }
  return l;
}

/// B x K: log weight_k + log N(z_n | mean_k, sigma_k) in long double, from the model's parameters alone.
inline LongMatrix dense_log_joint(const jensen::gmm::GaussianMixture& model,
                                  const Eigen::Ref<const jensen::Matrix>& z) {
  const Eigen::Index d = z.cols();
  LongMatrix joint(z.rows(), model.components());
  for (Eigen::Index k = 0; k < model.components(); ++k) {
    const LongMatrix l =
        long_cholesky(model.covariances().dense(model.covariances().column(k)).cast<long double>());
    long double constant = std::log(static_cast<long double>(model.weights()[k])) -
                           0.5L * static_cast<long double>(d) * std::log(2 * std::numbers::pi_v<long double>);
    for (Eigen::Index i = 0; i < d; ++i) constant -= std::log(l(i, i));
    for (Eigen::Index n = 0; n < z.rows(); ++n) {
      long double distance = 0;
      LongVector y(d);
      for (Eigen::Index i = 0; i < d; ++i) {
        long double sum = static_cast<long double>(z(n, i)) - model.means()(k, i);
        for (Eigen::Index m = 0; m < i; ++m) sum -= l(i, m) * y[m];
        y[i] = sum / l(i, i);
        distance += y[i] * y[i];
      }
      joint(n, k) = constant - 0.5L * distance;
    }
  }
  return joint;
}

inline LongVector dense_log_density(const LongMatrix& joint) {
  LongVector density(joint.rows());
  for (Eigen::Index n = 0; n < joint.rows(); ++n) {
    const long double largest = joint.row(n).maxCoeff();
    long double sum = 0;
    for (Eigen::Index k = 0; k < joint.cols(); ++k) sum += std::exp(joint(n, k) - largest);
    density[n] = largest + std::log(sum);
  }
  return density;
}

/// Largest error of the log joint densities, relative to what rounding of each may cost at best.
inline double largest_error(const jensen::gmm::GaussianMixture& model, const jensen::DenseBlock& block) {
  const LongMatrix exact = dense_log_joint(model, block.records);
  const jensen::Matrix joint = model.log_joint(block);
  double largest = 0;
  for (Eigen::Index n = 0; n < joint.rows(); ++n) {
    for (Eigen::Index k = 0; k < joint.cols(); ++k) {
      const auto error = static_cast<double>(std::abs(joint(n, k) - exact(n, k)));
      largest = std::max(largest, error / (1 + std::abs(static_cast<double>(exact(n, k)))));
    }
  }
  return largest;
}

}  // namespace test
