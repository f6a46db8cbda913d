#pragma once

#include <string>
#include <vector>

#include "jensen/models/advi/target.hpp"

namespace jensen::advi {

struct MixtureSettings {
  Index components = 2;
  Vector centre = {};          // D: of the data; prior means of the components' means
  Vector spread = {};          // D: standard deviations of the data
  double concentration = 1;    // of the weights' symmetric Dirichlet prior
  double mean_scale = 2.5;     // prior sd of means, in units of `spread`
  double scale_deviation = 1;  // prior sd of log(scale / spread)
  std::uint64_t seed = 1;      // of the start
};

/// A mixture of K Gaussians with diagonal covariance matrices, its labels summed out:
/// p(x) = sum_k weight_k prod_d N(x_d; mean_kd, scale_kd^2). Parameter blocks:
///
///   weights   K (simplex)    symmetric Dirichlet(concentration)
///   means     K D            N(centre_d, (mean_scale spread_d)^2), component by component
///   scales    K D, positive  log-normal(log spread_d, scale_deviation^2)
///
/// Any relabelling of the components leaves the density as it is, so that the posterior has K! modes; q finds
/// one of them. Responses are not looked at.
class Mixture final : public Target {
 public:
  /// D is the length of `centre`. Throws UsageError where settings cannot be.
  explicit Mixture(const MixtureSettings& settings);

  const MixtureSettings& settings() const { return settings_; }
  Index components() const { return settings_.components; }
  Index features() const { return settings_.centre.size(); }

  const std::vector<ParameterBlock>& parameters() const override { return parameters_; }
  double log_prior(std::span<const double> theta, std::span<double> gradient) const override;
  void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                          Points* gradients) const override;
  void record_log_likelihoods(const Points& theta, const ResponseBlock& block, Points& values) const override;

  /// Responsibilities, their means over the points, and "uncertainty", 1 less the largest of a record.
  void predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const override;
  std::vector<std::string> prediction_columns() const override { return {"uncertainty"}; }
  /// Numbers of the components, from 0.
  std::vector<std::string> class_names() const override;
  Index draw_record(std::span<const double> theta, Stream& stream, std::span<double> record) const override;

  /// Equal weights, the data's spread in each component, and means that are in each feature spread evenly
  /// over the data in an order of its own.
  Vector start() const override;

  /// "weights[k]", "means[k,d]", "scales[k,d]".
  std::vector<std::string> reported_names() const override;

 private:
  Index means_at() const { return components(); }
  Index scales_at() const { return components() + components() * features(); }

  MixtureSettings settings_;
  std::vector<ParameterBlock> parameters_;
};

}  // namespace jensen::advi
