#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "jensen/core/simd_log_gamma.hpp"
#include "jensen/models/advi/target.hpp"
#include "sum_of_logs.hpp"

/// Log-likelihoods of a response y given its linear predictors eta, for 8 points at a time, a lane each:
/// f(y, eta, own) + g(y, own), `own` being a parameter beside the predictors, where there is one.
///
/// `add_record` adds w f to the sums and puts the derivative of w f with respect to each predictor to where
/// that was. `of_response` is g; it is wanted once for each different response.
namespace jensen::advi {

/// What records add up to.
struct RecordSums {
  Doubles value = 0.0;   // sum of w f, but for the logarithms
  Doubles of_own = 0.0;  // its derivative with respect to the own parameter
  SumOfLogs logs = {};   // of w f, to be taken off as many times as the likelihood's `log_factor` says

  /// sum of w f.
  template <class Likelihood>
  Doubles log_likelihood(const Likelihood& likelihood) const {
    return value - likelihood.log_factor() * logs.total();
  }
};

/// Of a likelihood without a parameter of its own.
struct NoOwn {
  static constexpr bool kHasOwn = false;
  struct Own {};
};

/// Where g is the same whatever the response is, and where there is none.
struct OfAnyResponse {
  static constexpr bool kCounts = false;
};
struct NothingOfResponse : OfAnyResponse {
  template <class Own>
  Doubles of_response(double, const Own&, Doubles&) const {
    return 0.0;
  }
};

struct LocationScale : OfAnyResponse {
  static constexpr bool kHasOwn = true;
  struct Own {
    Doubles inverse, log_scale;
  };
  static Own prepare(const Doubles& scale) { return {1.0 / scale, simd::log(scale)}; }
};

struct NormalLikelihood : LocationScale {
  double log_factor() const { return 0; }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own& own, double* eta, Index,
                                         RecordSums& sums) const {
    const Doubles r = (y - simd::load(eta)) * own.inverse, weighted = weight * r;
    sums.value = simd::fma(-0.5 * weighted, r, sums.value);
    const Doubles slope = weighted * own.inverse;
    sums.of_own = simd::fma(slope, r, sums.of_own);
    simd::store<double>(slope, eta);
  }
  Doubles of_response(double, const Own& own, Doubles& of_own) const {
    of_own = -own.inverse;
    return -0.5 * std::log(2 * std::numbers::pi) - own.log_scale;
  }
};

struct StudentLikelihood : LocationScale {
  double nu;

  double log_factor() const { return 0.5 * (nu + 1); }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own& own, double* eta, Index,
                                         RecordSums& sums) const {
    const Doubles r = (y - simd::load(eta)) * own.inverse;
    const Doubles factor = simd::fma(r, r * (1 / nu), Doubles(1.0));
    sums.logs.add(factor, weight);
    const Doubles slope = (weight * (nu + 1) / nu) / factor * r * own.inverse;
    sums.of_own = simd::fma(slope, r, sums.of_own);
    simd::store<double>(slope, eta);
  }
  Doubles of_response(double, const Own& own, Doubles& of_own) const {
    of_own = -own.inverse;
    return std::lgamma((nu + 1) / 2) - std::lgamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi) -
           own.log_scale;
  }
};

struct BernoulliLikelihood : NoOwn, NothingOfResponse {
  double log_factor() const { return 1; }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own&, double* at, Index,
                                         RecordSums& sums) const {
    // log(1 + exp(eta)) = max(eta, 0) + log(1 + exp(-|eta|))
    const Doubles eta = simd::load(at), positive = simd::max(eta, Doubles(0.0));
    const Doubles e = simd::exp_of_negative(-simd::max(eta, -eta)), both = 1.0 + e, inverse = 1.0 / both;
    Doubles probability = e * inverse;
    where(eta > 0.0, probability) = inverse;
    sums.value += weight * (y * eta - positive);
    sums.logs.add(both, weight);
    simd::store<double>(weight * (y - probability), at);
  }
};

/// A softmax over classes, of which the first has predictor 0.
struct CategoricalLikelihood : NoOwn, NothingOfResponse {
  Index predictors;

  double log_factor() const { return 1; }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own&, double* eta, Index stride,
                                         RecordSums& sums) const {
    Doubles largest = 0.0;
    for (Index c = 0; c < predictors; ++c) largest = simd::max(largest, simd::load(eta + c * stride));
    const auto chosen = static_cast<Index>(y) - 1;
    sums.value += weight * ((chosen < 0 ? Doubles(0.0) : simd::load(eta + chosen * stride)) - largest);
    Doubles total = simd::exp_of_negative(-largest);
    for (Index c = 0; c < predictors; ++c) {
      const Doubles e = simd::exp_of_negative(simd::load(eta + c * stride) - largest);
      simd::store<double>(e, eta + c * stride);
      total += e;
    }
    sums.logs.add(total, weight);
    const Doubles inverse = weight / total;
    for (Index c = 0; c < predictors; ++c) {
      const double is = c == chosen ? weight : 0;
      simd::store<double>(is - simd::load(eta + c * stride) * inverse, eta + c * stride);
    }
  }
};

struct PoissonLikelihood : NoOwn {
  static constexpr bool kCounts = true;

  double log_factor() const { return 0; }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own&, double* at, Index,
                                         RecordSums& sums) const {
    const Doubles eta = simd::load(at), mean = simd::exp(eta);
    sums.value += weight * (y * eta - mean);
    simd::store<double>(weight * (y - mean), at);
  }
  Doubles of_response(double y, const Own&, Doubles&) const { return -std::lgamma(y + 1); }
  Doubles of_next_count(double y, const Own&, Doubles&) const { return -std::log(y + 1); }
};

struct NegativeBinomialLikelihood {
  static constexpr bool kHasOwn = true, kCounts = true;

  struct Own {
    Doubles size, constant, of_constant;  // size log size - log Gamma(size), and its derivative
  };
  static Own prepare(const Doubles& size) {
    const Doubles log_size = simd::log(size);
    return {size, size * log_size - simd::log_gamma(size), log_size + 1.0 - simd::digamma(size)};
  }
  double log_factor() const { return 0; }
  [[gnu::always_inline]] void add_record(double y, double weight, const Own& own, double* at, Index,
                                         RecordSums& sums) const {
    const Doubles eta = simd::load(at), mean = simd::exp(eta), count = y + own.size;
    const simd::LogAndInverse both = simd::log_and_inverse(mean + own.size);
    const Doubles ratio = count * both.inverse;
    sums.value += weight * (y * eta - count * both.log);
    sums.of_own -= weight * (both.log + ratio);
    simd::store<double>(weight * (y - ratio * mean), at);
  }
  Doubles of_response(double y, const Own& own, Doubles& of_own) const {
    const Doubles count = y + own.size;
    of_own = simd::digamma(count) + own.of_constant;
    return simd::log_gamma(count) + own.constant - std::lgamma(y + 1);
  }
  Doubles of_next_count(double y, const Own& own, Doubles& of_own) const {
    const simd::LogAndInverse both = simd::log_and_inverse(y + own.size);
    of_own = both.inverse;
    return both.log - std::log(y + 1);
  }
};

/// What a likelihood needs of its own parameter, number `at` of theta, for 8 points each.
template <class Likelihood>
std::vector<typename Likelihood::Own> own_parameters(const Points& theta, Index at) {
  std::vector<typename Likelihood::Own> own(static_cast<std::size_t>(theta.stride() / simd::kLanes<double>));
  if constexpr (Likelihood::kHasOwn) {
    for (std::size_t i = 0; i < own.size(); ++i)
      own[i] = Likelihood::prepare(simd::load(theta.row(at) + static_cast<Index>(i) * simd::kLanes<double>));
  }
  return own;
}

}  // namespace jensen::advi
