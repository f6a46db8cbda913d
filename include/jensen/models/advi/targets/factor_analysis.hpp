#pragma once

#include <string>
#include <vector>

#include "jensen/models/advi/target.hpp"

namespace jensen::advi {

/// Variance of what the factors leave: one for all features (probabilistic PCA), or one for each.
enum class FactorNoise { equal, diagonal };

struct FactorSettings {
  Index factors = 1;
  FactorNoise noise = FactorNoise::diagonal;
  Vector centre = {};          // D: of the data; prior means of the means
  Vector spread = {};          // D: standard deviations of the data
  double mean_scale = 2.5;     // prior sd of means, in units of `spread`
  double loading_scale = 1;    // of loadings, likewise
  double noise_deviation = 1;  // prior sd of log(noise scale / spread)
  std::uint64_t seed = 1;      // of the start
};

/// Factor analysis: x = mean + W f + noise with R factors f ~ N(0, 1), these summed out: x ~ N(mean, W W' +
/// Psi). Probabilistic PCA where Psi is a multiple of the unit matrix (Tipping and Bishop 1999).
///
/// A rotation of the factors changes nothing, so W (D x R) is the one whose first R rows are lower triangular
/// with positive diagonal (Geweke and Zhou 1996). Parameter blocks:
///
///   means              D
///   loadings_triangle  R (R + 1) / 2   the first R rows of W, row by row to the diagonal
///   loadings           (D - R) R       the others
///   noise_scales       1 or D          square roots of the diagonal of Psi
///
/// Means are N(centre_d, (mean_scale spread_d)^2), noise scales log-normal(log spread_d, noise_deviation^2)
/// (the root mean square of the spreads where there is one). The prior of W is that of a matrix of
/// independent N(0, (loading_scale spread_d)^2) whose factors were rotated: the diagonal numbers are
/// chi-distributed. It does not depend on which features come first. Responses are not looked at.
///
/// The likelihood is NaN where noise variances are about 1e-12 of the data's or less: the identity by which
/// only R x R matrices are solved (Woodbury 1950) has lost its digits there.
class FactorAnalysis final : public Target {
 public:
  /// D is the length of `centre`. Throws UsageError where settings cannot be; R must be less than D.
  explicit FactorAnalysis(const FactorSettings& settings);

  const FactorSettings& settings() const { return settings_; }
  Index factors() const { return settings_.factors; }
  Index features() const { return settings_.centre.size(); }

  const std::vector<ParameterBlock>& parameters() const override { return parameters_; }
  double log_prior(std::span<const double> theta, std::span<double> gradient) const override;
  void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                          Points* gradients) const override;
  void record_log_likelihoods(const Points& theta, const ResponseBlock& block, Points& values) const override;
  Index draw_record(std::span<const double> theta, Stream& stream, std::span<double> record) const override;

  /// The data's centre; half of the variance in the noise, half in loadings on W's diagonal. The others are
  /// small and random: large ones of a wrong sign could only turn through a diagonal number of 0.
  Vector start() const override;

  /// "means[d]", "loadings[d,r]" of W's numbers that can be other than 0, "noise_scales[d]".
  std::vector<std::string> reported_names() const override;

  /// W of theta, D x R.
  Matrix loadings(std::span<const double> theta) const;
  /// The diagonal of Psi, D.
  Vector noise_variances(std::span<const double> theta) const;

 private:
  Index loadings_at() const { return features(); }
  Index noise_at() const;
  /// Where W(d, r), r <= d, stands in theta.
  Index place(Index d, Index r) const;
  /// Calls visit(d, r, place(d, r)) for each loading that is not 0 by definition.
  template <class Visit>
  void for_each_loading(Visit visit) const;

  FactorSettings settings_;
  Vector noise_spread_;  // 1 or D: prior medians of noise scales
  std::vector<ParameterBlock> parameters_;
};

}  // namespace jensen::advi
