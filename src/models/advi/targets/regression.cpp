#include "jensen/models/advi/targets/regression.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "jensen/core/error.hpp"
#include "priors.hpp"

namespace jensen::advi {
namespace {

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

}  // namespace jensen::advi
