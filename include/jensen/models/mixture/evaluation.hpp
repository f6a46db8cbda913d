#pragma once

#include <cmath>

#include "jensen/fit/accumulate.hpp"

namespace jensen::mixture {

/// What the fitted mixture says of its records; sums are weighted.
struct Evaluation {
  double log_likelihood = 0;          // nats, internal coordinates
  double entropy = 0;                 // of q, nats
  double log_max_responsibility = 0;  // sum of log max_k r_nk
  double weight = 0;
  double uncertain_weight = 0;  // of records with 1 - max_k r_nk > 0.2
  Vector sizes = {};            // K: sum of r_nk

  /// E_q[log p(x, z)] + entropy: what EM maximises; equal to the log-likelihood after an E-step.
  double expected_log_joint() const { return log_likelihood - entropy; }
};

/// One pass at the current (prepared) parameters. The model gives `responsibilities(block, r, log_density)`.
template <class M, class Shard>
Evaluation evaluate(const M& model, const Shard& shard, const Communicator& comm) {
  const Index components = model.components();
  Statistics sums(components + 1);
  Matrix r;
  Eigen::ArrayXd log_density;
  accumulate(shard, comm, sums, [&](const auto& block, Index, Statistics& s) {
    model.responsibilities(block, r, log_density);
    for (Index row = 0; row < block.rows(); ++row) {
      const double weight = block.weight(row);
      if (!(weight > 0)) continue;
      double entropy = 0;
      for (Index k = 0; k < components; ++k) {
        if (r(row, k) > 0) entropy -= r(row, k) * std::log(r(row, k));
        s.body()[static_cast<std::size_t>(k)] += weight * r(row, k);
      }
      const double largest = r.row(row).maxCoeff();
      s.objective() += weight * log_density[row];
      s.entropy() += weight * entropy;
      s.log_max_responsibility() += weight * std::log(largest);
      if (1 - largest > 0.2) s.body()[static_cast<std::size_t>(components)] += weight;
      s.weight() += weight;
    }
  });
  return {sums.objective(), sums.entropy(),     sums.log_max_responsibility(),
          sums.weight(),    sums.body().back(), Eigen::Map<const Vector>(sums.body().data(), components)};
}

}  // namespace jensen::mixture
