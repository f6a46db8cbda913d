#include "jensen/models/advi/targets/regression.hpp"

#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/core/product.hpp"
#include "likelihoods.hpp"
#include "priors.hpp"

namespace jensen::advi {
namespace {

constexpr Index kTile = 64;  // records whose predictors stay in the first-level cache
constexpr Index kLanes = simd::kLanes<double>;

constexpr double kSizePriorDeviation = 2;  // of the logarithm of a negative binomial's size

bool has_scale(Response response) {
  return response == Response::normal || response == Response::student;
}

void check(const RegressionSettings& settings, Index features) {
  const auto require = [](bool fine, const char* name, double value, const char* expected) {
    if (!fine) throw UsageError(fmt::format("{} = {} (must be {})", name, value, expected));
  };
  require(settings.response != Response::categorical || settings.classes >= 2, "classes",
          static_cast<double>(settings.classes), "at least 2");
  require(settings.degrees_of_freedom > 0 && std::isfinite(settings.degrees_of_freedom), "degrees-of-freedom",
          settings.degrees_of_freedom, "positive");
  require(settings.spread > 0 && std::isfinite(settings.spread), "spread of the responses", settings.spread,
          "positive: they must not all be the same");
  require(settings.intercept_scale > 0, "intercept-scale", settings.intercept_scale, "positive");
  require(settings.prior_scales.size() == features, "number of prior scales",
          static_cast<double>(settings.prior_scales.size()), "the number of features");
  for (const double scale : settings.prior_scales) require(scale > 0, "prior-scale", scale, "positive");
}

}  // namespace

Regression::Regression(const RegressionSettings& settings, Index features)
    : settings_(settings),
      features_(features),
      predictors_(settings.response == Response::categorical ? settings.classes - 1 : 1) {
  check(settings_, features);
  Index next = 0;
  const auto add_block = [&](const char* name, Constraint constraint, Index size) {
    parameters_.push_back({.name = name, .constraint = constraint, .size = size});
    return std::exchange(next, next + size);
  };
  at_.intercept = add_block("intercept", Constraint::real, predictors_);
  if (features > 0) {
    if (settings_.prior == CoefficientPrior::normal) {
      at_.coefficients = add_block("coefficients", Constraint::real, predictors_ * features);
    } else {
      at_.coefficients = add_block("coefficients_raw", Constraint::real, predictors_ * features);
      at_.local = add_block("local_scales", Constraint::positive, predictors_ * features);
      at_.global = add_block("global_scale", Constraint::positive, 1);
    }
  }
  if (settings_.groups > 0) {
    at_.group = add_block("group_raw", Constraint::real, predictors_ * settings_.groups);
    at_.group_scale = add_block("group_scale", Constraint::positive, 1);
  }
  if (has_scale(settings_.response)) at_.own = add_block("scale", Constraint::positive, 1);
  if (settings_.response == Response::negative_binomial) at_.own = add_block("size", Constraint::positive, 1);
}

Vector Regression::start() const {
  Vector zeta = Vector::Zero(size());  // all constraints are positive or none: as many as theta
  zeta.segment(at_.intercept, predictors_).setConstant(settings_.centre);
  if (has_scale(settings_.response)) zeta[at_.own] = std::log(settings_.spread);
  return zeta;
}

double Regression::log_prior(std::span<const double> theta, std::span<double> gradient) const {
  const auto sum_over = [&](Index first, Index count, auto density) {
    double sum = 0;
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(first + i);
      sum += density(theta[at], i, gradient[at]);
    }
    return sum;
  };
  const Index coefficients = predictors_ * features_;
  double sum = sum_over(at_.intercept, predictors_, [&](double x, Index, double& slope) {
    return normal(x, settings_.centre, settings_.intercept_scale, slope);
  });
  const bool horseshoe = at_.local >= 0;
  sum += sum_over(at_.coefficients, features_ > 0 ? coefficients : 0, [&](double x, Index i, double& slope) {
    return normal(x, 0, horseshoe ? 1 : settings_.prior_scales[i % features_], slope);
  });
  if (horseshoe) {
    const auto cauchy = [](double x, Index, double& slope) { return half_cauchy(x, slope); };
    sum += sum_over(at_.local, coefficients, cauchy) + sum_over(at_.global, 1, cauchy);
  }
  if (at_.group >= 0) {
    sum += sum_over(at_.group, predictors_ * settings_.groups,
                    [](double x, Index, double& slope) { return normal(x, 0, 1, slope); });
    sum += sum_over(at_.group_scale, 1, [&](double x, Index, double& slope) {
      return half_normal(x, settings_.intercept_scale, slope);
    });
  }
  sum += sum_over(at_.own, at_.own >= 0 ? 1 : 0, [&](double x, Index, double& slope) {
    return has_scale(settings_.response) ? exponential(x, settings_.spread, slope)
                                         : log_normal(x, 1, kSizePriorDeviation, slope);
  });
  return sum;
}

RowMatrix Regression::coefficients(std::span<const double> theta) const {
  RowMatrix beta(predictors_, features_);
  for (Index i = 0; i < beta.size(); ++i) {
    const auto number = [&](Index first, Index offset) {
      return theta[static_cast<std::size_t>(first + offset)];
    };
    beta.data()[i] = number(at_.coefficients, i);
    if (at_.local < 0) continue;
    beta.data()[i] *= settings_.prior_scales[i % features_] * number(at_.local, i) * number(at_.global, 0);
  }
  return beta;
}

/// D x (predictors x points): a column for each predictor of each point.
void Regression::fill_coefficients(const Points& theta, AlignedVector<double>& beta) const {
  const Index stride = theta.stride(), width = predictors_ * stride;
  beta.resize(static_cast<std::size_t>(features_ * width));
  for (Index c = 0; c < predictors_; ++c) {
    for (Index j = 0; j < features_; ++j) {
      double* const to = beta.data() + j * width + c * stride;
      const Index i = c * features_ + j;
      std::copy_n(theta.row(at_.coefficients + i), stride, to);
      if (at_.local < 0) continue;
      const double *local = theta.row(at_.local + i), *global = theta.row(at_.global);
      for (Index s = 0; s < stride; ++s) to[s] *= settings_.prior_scales[j] * local[s] * global[s];
    }
  }
}

/// From derivatives with respect to beta, laid out as above, to those with respect to theta.
void Regression::spread_gradient(const Points& theta, const AlignedVector<double>& beta_gradient,
                                 Points& gradients) const {
  const Index stride = theta.stride(), width = predictors_ * stride;
  for (Index c = 0; c < predictors_; ++c) {
    for (Index j = 0; j < features_; ++j) {
      const double* const g = beta_gradient.data() + j * width + c * stride;
      const Index i = c * features_ + j;
      double* const of_raw = gradients.row(at_.coefficients + i);
      if (at_.local < 0) {
        for (Index s = 0; s < stride; ++s) of_raw[s] += g[s];
        continue;
      }
      const double scale = settings_.prior_scales[j];
      const double *raw = theta.row(at_.coefficients + i), *local = theta.row(at_.local + i),
                   *global = theta.row(at_.global);
      double *of_local = gradients.row(at_.local + i), *of_global = gradients.row(at_.global);
      for (Index s = 0; s < stride; ++s) {
        of_raw[s] += scale * local[s] * global[s] * g[s];
        of_local[s] += scale * raw[s] * global[s] * g[s];
        of_global[s] += scale * raw[s] * local[s] * g[s];
      }
    }
  }
}

void Regression::fill_predictors(const Points& theta, const AlignedVector<double>& beta,
                                 const ResponseBlock& block, Index first, Index rows, double* eta) const {
  const Index stride = theta.stride(), width = predictors_ * stride;
  for (Index n = 0; n < rows; ++n) {
    for (Index c = 0; c < predictors_; ++c) {
      double* const to = eta + n * width + c * stride;
      std::copy_n(theta.row(at_.intercept + c), stride, to);
      if (at_.group < 0) continue;
      const Index group = block.groups[static_cast<std::size_t>(first + n)];
      const double *raw = theta.row(at_.group + c * settings_.groups + group),
                   *scale = theta.row(at_.group_scale);
      for (Index s = 0; s < stride; ++s) to[s] += raw[s] * scale[s];
    }
  }
  if (features_ == 0) return;
  simd::add_product(rows, features_, width, block.features.records.data() + first * features_, features_,
                    beta.data(), width, eta, width);
}

template <class Likelihood>
void Regression::add(const Likelihood& likelihood, const Points& theta, const ResponseBlock& block,
                     Points& values, Points* gradients) const {
  constexpr bool kCategorical = std::is_same_v<Likelihood, CategoricalLikelihood>;
  const Index stride = theta.stride(), width = predictors_ * stride;
  const double* const records = block.features.records.data();
  AlignedVector<double> beta, beta_gradient, effects, effect_gradient;
  fill_coefficients(theta, beta);
  if (gradients != nullptr) beta_gradient.assign(beta.size(), 0.0);
  AlignedVector<double> eta(static_cast<std::size_t>(kTile * width));

  for (Index first = 0; first < block.rows(); first += kTile) {
    const Index rows = std::min(kTile, block.rows() - first);
    fill_predictors(theta, beta, block, first, rows, eta.data());
    for (Index lane = 0; lane < stride; lane += kLanes) {
      Doubles sum = simd::load(values.row(0) + lane), of_own_sum = 0.0;
      [[maybe_unused]] auto own = [&] {
        if constexpr (kCategorical) {
          return 0;
        } else if constexpr (Likelihood::kHasOwn) {
          return Likelihood::prepare(simd::load(theta.row(at_.own) + lane));
        } else {
          return typename Likelihood::Own{};
        }
      }();
      for (Index n = 0; n < rows; ++n) {
        const double weight = block.weight(first + n);
        const double y = block.responses[static_cast<std::size_t>(first + n)];
        double* const at = eta.data() + n * width + lane;
        if constexpr (kCategorical) {
          const Doubles value = likelihood.value(y, at, stride);
          if (weight == 0) {
            for (Index c = 0; c < predictors_; ++c) simd::store<double>(Doubles(0.0), at + c * stride);
            continue;
          }
          sum += weight * value;
          if (weight == 1) continue;
          for (Index c = 0; c < predictors_; ++c)
            simd::store<double>(weight * simd::load(at + c * stride), at + c * stride);
        } else {
          Doubles of_eta, of_own = 0.0;
          if (weight == 0) {
            simd::store<double>(Doubles(0.0), at);
            continue;
          }
          const Doubles value = likelihood.value(y, simd::load(at), own, of_eta, of_own);
          sum += weight * (value + likelihood(y));
          of_own_sum += weight * of_own;
          simd::store<double>(weight * of_eta, at);
        }
      }
      simd::store<double>(sum, values.row(0) + lane);
      if (gradients != nullptr && at_.own >= 0) {
        double* const of_own = gradients->row(at_.own) + lane;
        simd::store<double>(simd::load(of_own) + of_own_sum, of_own);
      }
    }
    if (gradients == nullptr) continue;
    for (Index n = 0; n < rows; ++n) {
      for (Index c = 0; c < predictors_; ++c) {
        const double* const g = eta.data() + n * width + c * stride;
        double* const of_intercept = gradients->row(at_.intercept + c);
        for (Index s = 0; s < stride; ++s) of_intercept[s] += g[s];
        if (at_.group < 0) continue;
        const Index i = at_.group + c * settings_.groups + block.groups[static_cast<std::size_t>(first + n)];
        const double *raw = theta.row(i), *scale = theta.row(at_.group_scale);
        double *of_raw = gradients->row(i), *of_scale = gradients->row(at_.group_scale);
        for (Index s = 0; s < stride; ++s) {
          of_raw[s] += scale[s] * g[s];
          of_scale[s] += raw[s] * g[s];
        }
      }
    }
    if (features_ > 0) {
      simd::add_transposed_product(features_, rows, width, records + first * features_, features_, eta.data(),
                                   width, beta_gradient.data(), width);
    }
  }
  if (gradients != nullptr) spread_gradient(theta, beta_gradient, *gradients);
}

void Regression::add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                    Points* gradients) const {
  if (block.rows() == 0) return;
  if (block.responses.empty())
    throw InputError("the records have no responses; name their data set by --response");
  if (settings_.groups > 0 && block.groups.empty())
    throw InputError("the records have no groups, which the model has; name their data set by --groups");
  switch (settings_.response) {
    case Response::normal:
      return add(NormalLikelihood{}, theta, block, values, gradients);
    case Response::student:
      return add(StudentLikelihood{settings_.degrees_of_freedom}, theta, block, values, gradients);
    case Response::bernoulli:
      return add(BernoulliLikelihood{}, theta, block, values, gradients);
    case Response::poisson:
      return add(PoissonLikelihood{}, theta, block, values, gradients);
    case Response::negative_binomial:
      return add(NegativeBinomialLikelihood{}, theta, block, values, gradients);
    case Response::categorical:
      return add(CategoricalLikelihood{predictors_}, theta, block, values, gradients);
  }
}

}  // namespace jensen::advi
