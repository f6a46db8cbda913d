#pragma once

#include <cmath>
#include <numbers>

#include "jensen/core/simd_log_gamma.hpp"
#include "jensen/core/simd_math.hpp"

/// Log-likelihoods of a response given its linear predictors, for 8 points at a time: a lane each. `own` is a
/// parameter of the likelihood beside them, where it has one.
namespace jensen::advi {

using simd::Doubles;

inline Doubles logistic(const Doubles& x) {
  return 1.0 / (1.0 + simd::exp(-x));
}

struct NormalLikelihood {
  static constexpr bool kHasOwn = true;
  double operator()(double) const { return -0.5 * std::log(2 * std::numbers::pi); }  // of y alone

  struct Own {
    Doubles inverse, log_scale;
  };
  static Own prepare(const Doubles& scale) { return {1.0 / scale, simd::log(scale)}; }
  Doubles value(double y, const Doubles& eta, const Own& own, Doubles& of_eta, Doubles& of_own) const {
    const Doubles r = (y - eta) * own.inverse, square = r * r;
    of_eta = r * own.inverse;
    of_own = (square - 1.0) * own.inverse;
    return -0.5 * square - own.log_scale;
  }
};

struct StudentLikelihood {
  static constexpr bool kHasOwn = true;
  double nu;
  double operator()(double) const {
    return std::lgamma((nu + 1) / 2) - std::lgamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi);
  }

  using Own = NormalLikelihood::Own;
  static Own prepare(const Doubles& scale) { return NormalLikelihood::prepare(scale); }
  Doubles value(double y, const Doubles& eta, const Own& own, Doubles& of_eta, Doubles& of_own) const {
    const Doubles r = (y - eta) * own.inverse, square = r * r;
    const Doubles weight = (nu + 1) / (nu + square);
    of_eta = weight * r * own.inverse;
    of_own = (weight * square - 1.0) * own.inverse;
    return -0.5 * (nu + 1) * simd::log(1.0 + square * (1 / nu)) - own.log_scale;
  }
};

struct BernoulliLikelihood {
  static constexpr bool kHasOwn = false;
  double operator()(double) const { return 0; }

  struct Own {};
  Doubles value(double y, const Doubles& eta, const Own&, Doubles& of_eta, Doubles&) const {
    // log(1 + exp(eta)) = max(eta, 0) + log(1 + exp(-|eta|))
    const Doubles e = simd::exp(-simd::max(eta, -eta)), inverse = 1.0 / (1.0 + e);
    Doubles probability = e * inverse;
    where(eta > 0.0, probability) = inverse;
    of_eta = y - probability;
    return y * eta - simd::max(eta, Doubles(0.0)) - simd::log(1.0 + e);
  }
};

struct PoissonLikelihood {
  static constexpr bool kHasOwn = false;
  double operator()(double y) const { return -std::lgamma(y + 1); }

  struct Own {};
  Doubles value(double y, const Doubles& eta, const Own&, Doubles& of_eta, Doubles&) const {
    const Doubles mean = simd::exp(eta);
    of_eta = y - mean;
    return y * eta - mean;
  }
};

struct NegativeBinomialLikelihood {
  static constexpr bool kHasOwn = true;
  double operator()(double y) const { return -std::lgamma(y + 1); }

  struct Own {
    Doubles size, constant, of_constant;  // size log size - log Gamma(size), and its derivative
  };
  static Own prepare(const Doubles& size) {
    const Doubles log_size = simd::log(size);
    return {size, size * log_size - simd::log_gamma(size), log_size + 1.0 - simd::digamma(size)};
  }
  Doubles value(double y, const Doubles& eta, const Own& own, Doubles& of_eta, Doubles& of_own) const {
    const Doubles mean = simd::exp(eta), both = mean + own.size, log_both = simd::log(both);
    const Doubles count = y + own.size, ratio = count / both;
    of_eta = y - ratio * mean;
    of_own = simd::digamma(count) + own.of_constant - log_both - ratio;
    return simd::log_gamma(count) + own.constant + y * eta - count * log_both;
  }
};

/// A softmax over classes, of which the first has predictor 0; the derivative with respect to predictor c
/// comes to where that was.
struct CategoricalLikelihood {
  Index predictors;

  Doubles value(double y, double* eta, Index stride) const {
    Doubles largest = 0.0;
    for (Index c = 0; c < predictors; ++c) largest = simd::max(largest, simd::load(eta + c * stride));
    Doubles total = simd::exp(-largest), chosen = 0.0;
    const auto own = static_cast<Index>(y) - 1;
    if (own >= 0) chosen = simd::load(eta + own * stride);
    for (Index c = 0; c < predictors; ++c) {
      const Doubles e = simd::exp(simd::load(eta + c * stride) - largest);
      simd::store<double>(e, eta + c * stride);
      total += e;
    }
    const Doubles inverse = 1.0 / total;
    for (Index c = 0; c < predictors; ++c) {
      const double is = c == own ? 1 : 0;
      simd::store<double>(is - simd::load(eta + c * stride) * inverse, eta + c * stride);
    }
    return chosen - largest - simd::log(total);
  }
};

}  // namespace jensen::advi
