#include "jensen/models/advi/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/core/pareto_smoothing.hpp"
#include "jensen/core/random.hpp"
#include "jensen/core/weighted_summary.hpp"

namespace jensen::advi {
namespace {

constexpr double kQuantiles[] = {0.025, 0.25, 0.5, 0.75, 0.975};

}  // namespace

Vector draw_of(const Family& q, std::uint64_t seed, Index s) {
  Stream stream(seed, Purpose::draws, s, ~std::uint64_t{0});  // a round that no iteration has
  Vector noise(q.noise_size());
  for (double& number : noise) number = stream.normal();
  return q.at(noise);
}

Evaluation evaluate(const Advi& model, const ResponseShard& shard, const Communicator& comm, Index draws,
                    std::uint64_t seed) {
  const Target& target = model.target();
  const Family q = model.posterior();
  Matrix zeta(q.size(), draws);
  for (Index s = 0; s < draws; ++s) zeta.col(s) = draw_of(q, seed, s);
  const Vector log_joint = log_densities(model.shared_target(), Density::posterior, zeta, shard, comm);

  Evaluation found{.draws = draws};
  std::vector<double> ratios;
  std::vector<Vector> reported;
  for (Index s = 0; s < draws; ++s) {
    const double ratio = log_joint[s] - q.log_density(zeta.col(s));
    if (!std::isfinite(ratio)) {
      ++found.failed_draws;
      continue;
    }
    ratios.push_back(ratio);
    const Vector point = constrained(target, zeta.col(s));
    reported.push_back(target.reported({point.data(), static_cast<std::size_t>(point.size())}));
  }
  if (ratios.empty()) {
    throw NumericalError(fmt::format(
        "the target is NaN or infinite at all of {} draws of the final q; look for records far out of range",
        draws));
  }
  // A copy: the order in which Eigen sums up foreign memory depends on where that begins.
  const Eigen::ArrayXd all =
      Eigen::Map<const Eigen::ArrayXd>(ratios.data(), static_cast<Index>(ratios.size()));
  const auto count = static_cast<double>(ratios.size());
  found.elbo = all.mean();
  found.elbo_standard_error =
      count > 1 ? std::sqrt((all - found.elbo).square().sum() / (count - 1) / count) : 0;
  const ParetoSmoothed smoothed = pareto_smooth(ratios);
  found.k_hat = smoothed.k_hat;
  found.k_hat_threshold = k_hat_threshold(static_cast<Index>(ratios.size()));
  found.effective_draws = smoothed.effective_draws;
  found.log_evidence = smoothed.log_mean_ratio;
  const auto weights = smoothed.weights();
  found.weights = Eigen::Map<const Vector>(weights.data(), static_cast<Index>(weights.size()));
  found.reported.resize(static_cast<Index>(reported.size()), reported.front().size());
  for (Index s = 0; s < found.reported.rows(); ++s)
    found.reported.row(s) = reported[static_cast<std::size_t>(s)].transpose();
  return found;
}

void record(const Evaluation& found, const Target& target, Document& document) {
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, std::move(value));
  };
  set("elbo", found.elbo);
  set("elbo_standard_error", found.elbo_standard_error);
  set("final_draws", found.draws);
  set("final_failed_draws", found.failed_draws);
  if (std::isfinite(found.k_hat)) set("k_hat", found.k_hat);
  set("k_hat_threshold", found.k_hat_threshold);
  set("effective_draws", found.effective_draws);
  set("log_evidence", found.log_evidence);

  const Index size = found.reported.cols();
  const auto quantiles = static_cast<Index>(std::size(kQuantiles));
  Vector means(size), sds(size), corrected_means(size), corrected_sds(size);
  RowMatrix values(size, quantiles);
  const std::vector<double> weights(found.weights.begin(), found.weights.end());
  const std::vector<double> even(weights.size(), 1 / static_cast<double>(weights.size()));
  for (Index i = 0; i < size; ++i) {
    const std::vector<double> column(found.reported.col(i).begin(), found.reported.col(i).end());
    const WeightedSummary plain = weighted_summary(column, even),
                          corrected = weighted_summary(column, weights);
    means[i] = plain.mean;
    sds[i] = plain.sd;
    corrected_means[i] = corrected.mean;
    corrected_sds[i] = corrected.sd;
    const auto found_quantiles = weighted_quantiles(column, even, kQuantiles);
    for (Index j = 0; j < quantiles; ++j) values(i, j) = found_quantiles[static_cast<std::size_t>(j)];
  }
  document.set("/parameters/names", NdArray{{size}, target.reported_names()});
  document.set("/parameters/means", means);
  document.set("/parameters/sds", sds);
  document.set("/parameters/quantiles", values);
  document.set("/parameters/probabilities", Vector(Eigen::Map<const Vector>(kQuantiles, quantiles)));
  document.set("/parameters/corrected_means", corrected_means);
  document.set("/parameters/corrected_sds", corrected_sds);
}

}  // namespace jensen::advi
