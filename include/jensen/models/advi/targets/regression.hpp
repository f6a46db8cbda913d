#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jensen/data/transform.hpp"
#include "jensen/models/advi/target.hpp"

namespace jensen::advi {

/// How a response y follows from the linear predictor eta = intercept + x' beta (+ effect of the group).
enum class Response {
  normal,             // y ~ N(eta, scale^2)
  student,            // y ~ eta + scale t_nu: robust
  bernoulli,          // y = 0 or 1, P(1) = 1 / (1 + exp(-eta))
  poisson,            // y ~ Poisson(exp(eta))
  negative_binomial,  // mean exp(eta), variance mean + mean^2 / size
  categorical         // y = 0 ... C-1, P(c) proportional to exp(eta_c), eta_0 = 0
};

enum class CoefficientPrior {
  normal,    // beta_j ~ N(0, s_j^2)
  horseshoe  // beta_j = s_j z_j lambda_j tau; z normal, lambda and tau half-Cauchy(1) (Carvalho et al. 2010)
};

struct RegressionSettings {
  Response response = Response::normal;
  Index classes = 2;              // of categorical
  double degrees_of_freedom = 4;  // of student
  Index groups = 0;               // 0: no group effects
  CoefficientPrior prior = CoefficientPrior::normal;
  Vector prior_scales = {};      // D: s_j
  double centre = 0;             // prior mean of intercepts, and where they begin
  double spread = 1;             // of responses: prior mean of `scale`, and where it begins
  double intercept_scale = 2.5;  // prior sd of intercepts
  // For reports, in the data's units:
  Transform transform = {};                     // of the features; empty: none
  std::vector<std::string> feature_names = {};  // D, or empty: x0, x1 ...
  std::vector<std::string> class_names = {};    // C, or empty: numbers
  std::vector<std::string> group_names = {};    // or empty: numbers
};

/// Regression of a response on D features, with a normal or horseshoe prior and, where groups are given, an
/// effect of each, u_g = group_scale z_g with z_g ~ N(0, 1): a hierarchical regression. Parameter blocks:
///
///   intercept      1, or C - 1     N(centre, intercept_scale^2)
///   coefficients   D, or (C-1) D   with the horseshoe: coefficients_raw (z), local_scales, global_scale
///   group_raw, group_scale         z_g; half-normal(intercept_scale)
///   scale          normal, student: exponential with mean `spread`
///   size           negative_binomial: log-normal(0, 2^2)
///
/// The gradient is written by hand, for all points at once: eta is one product of the block with them, and
/// the gradient another.
class Regression final : public Target {
 public:
  /// Throws UsageError where settings cannot be.
  Regression(const RegressionSettings& settings, Index features);

  const RegressionSettings& settings() const { return settings_; }
  Index features() const { return features_; }
  /// Linear predictors of a record: 1, or C - 1.
  Index predictors() const { return predictors_; }

  const std::vector<ParameterBlock>& parameters() const override { return parameters_; }
  double log_prior(std::span<const double> theta, std::span<double> gradient) const override;
  /// Throws InputError where a block has no responses, or no groups and the model has.
  void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                          Points* gradients) const override;
  void record_log_likelihoods(const Points& theta, const ResponseBlock& block, Points& values) const override;

  Vector start() const override;

  /// Intercepts and coefficients for features in the data's units, global_scale, effects of groups and their
  /// scale, and the response's own parameter.
  std::vector<std::string> reported_names() const override;
  Vector reported(std::span<const double> theta) const override;
  /// Expected are means of the response, or, of classes, the probability of class 1 (of two) or of the label.
  void predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const override;
  /// Of bernoulli ("0", "1") and categorical responses.
  std::vector<std::string> class_names() const override;
  void draw_responses(const Points& theta, const ResponseBlock& block, std::uint64_t seed, Index first,
                      Points& responses) const override;

  /// Without groups and with the normal prior: else the likelihood has no single maximum.
  bool has_expected_information() const override;
  /// The weights of generalised linear models (McCullagh and Nelder 1989, section 2.5); of a t distribution
  /// (nu + 1) / ((nu + 3) s^2), and of its scale s 2 nu / ((nu + 3) s^2) (Lange, Little and Taylor 1989); of
  /// a negative binomial's size a sum over its distribution, or, of records whose mean is above 1000, minus
  /// the second derivative at the response, which has the same expectation.
  void add_expected_information(std::span<const double> theta, const ResponseBlock& block,
                                Eigen::Ref<Matrix> information) const override;

  /// beta of theta, predictors x D.
  RowMatrix coefficients(std::span<const double> theta) const;

 private:
  /// Where each block of parameters begins in theta; -1: there is none.
  struct Places {
    Index intercept = 0, coefficients = -1, local = -1, global = -1, group = -1, group_scale = -1, own = -1;
  };

  template <class Likelihood>
  void add(const Likelihood& likelihood, const Points& theta, const ResponseBlock& block, Points& values,
           Points* gradients) const;
  /// Calls visit(n, eta) for each record with its predictors at all points, predictors x stride.
  template <class Visit>
  void for_each_record(const Points& theta, const ResponseBlock& block, Visit visit) const;
  template <class Likelihood>
  void fill(const Likelihood& likelihood, const Points& theta, const ResponseBlock& block,
            Points& values) const;
  /// Whether there can be such a response; which there are, for messages.
  bool admits(double response) const;
  std::string admitted() const;
  /// `eta`: predictors, `stride` apart; `own`: the likelihood's own parameter.
  double draw_response(Stream& stream, const double* eta, Index stride, double own) const;
  /// Predictors of records first ... first + rows - 1, rows x (predictors x points).
  void fill_predictors(const Points& theta, const AlignedVector<double>& beta, const ResponseBlock& block,
                       Index first, Index rows, double* eta) const;
  void fill_coefficients(const Points& theta, AlignedVector<double>& beta) const;
  /// From derivatives with respect to predictors, laid out as above, of so many rows.
  void add_to_intercepts(const AlignedVector<double>& eta_gradient, Index rows, Points& gradients) const;
  void add_to_groups(const Points& theta, const ResponseBlock& block,
                     const AlignedVector<double>& eta_gradient, Index first, Index rows,
                     Points& gradients) const;
  void spread_gradient(const Points& theta, const AlignedVector<double>& beta_gradient,
                       Points& gradients) const;

  RegressionSettings settings_;
  Index features_, predictors_;
  std::vector<ParameterBlock> parameters_;
  Places at_;
};

}  // namespace jensen::advi
