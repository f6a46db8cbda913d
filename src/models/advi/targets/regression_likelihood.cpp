#include <algorithm>

#include "jensen/core/error.hpp"
#include "jensen/core/product.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "likelihoods.hpp"

namespace jensen::advi {
namespace {

constexpr Index kTile = 64;  // records whose predictors stay in the first-level cache
constexpr Index kLanes = simd::kLanes<double>;

/// The responses of a block and their weights, as a sum over them of g needs them; see "likelihoods.hpp".
struct ResponseTally {
  double weight = 0;                // of all where g is the same for all, else of small counts
  std::vector<double> beyond = {};  // [y]: of these the weight of those above y
  struct Weighted {
    double y, weight;
  };
  std::vector<Weighted> others = {};
};

ResponseTally tally(const ResponseBlock& block, bool counts) {
  if (!counts) return {.weight = block.features.total_weight()};
  constexpr Index kLargest = 256;  // of the counts whose weights have places
  ResponseTally tally{.beyond = std::vector<double>(kLargest + 1, 0.0)};
  std::vector<double>& weights = tally.beyond;
  for (Index n = 0; n < block.rows(); ++n) {
    const double y = block.responses[static_cast<std::size_t>(n)], weight = block.weight(n);
    if (y >= 0 && y <= kLargest && y == std::floor(y)) {
      weights[static_cast<std::size_t>(y)] += weight;
    } else if (weight != 0) {
      tally.others.push_back({y, weight});
    }
  }
  for (Index y = kLargest; y-- > 0;)
    weights[static_cast<std::size_t>(y)] += weights[static_cast<std::size_t>(y) + 1];
  tally.weight = weights.front();
  weights.erase(weights.begin());
  while (!weights.empty() && weights.back() == 0) weights.pop_back();
  return tally;
}

/// sum_n w_n g(y_n), and to `of_own` its derivative.
template <class Likelihood>
Doubles total_of_responses(const Likelihood& likelihood, const ResponseTally& tally,
                           const typename Likelihood::Own& own, Doubles& of_own) {
  Doubles total = 0.0;
  of_own = 0.0;
  const auto add = [&](double weight, const Doubles& value, const Doubles& derivative) {
    total += weight * value;
    of_own += weight * derivative;
  };
  Doubles derivative = 0.0;
  const Doubles first = likelihood.of_response(0, own, derivative);
  add(tally.weight, first, derivative);
  if constexpr (Likelihood::kCounts) {
    for (std::size_t y = 0; y < tally.beyond.size(); ++y) {
      const Doubles step = likelihood.of_next_count(static_cast<double>(y), own, derivative);
      add(tally.beyond[y], step, derivative);
    }
    for (const auto& [y, weight] : tally.others) {
      const Doubles value = likelihood.of_response(y, own, derivative);
      add(weight, value, derivative);
    }
  }
  return total;
}

void add_to(double* to, const Doubles& values) {
  simd::store<double>(simd::load(to) + values, to);
}

}  // namespace

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
  for (Index lane = 0; lane < width; lane += kLanes) {  // intercepts are as many neighbouring rows of theta
    const Doubles intercept = simd::load(theta.row(at_.intercept) + lane);
    for (Index n = 0; n < rows; ++n) simd::store<double>(intercept, eta + n * width + lane);
  }
  for (Index n = 0; at_.group >= 0 && n < rows; ++n) {
    for (Index c = 0; c < predictors_; ++c) {
      double* const to = eta + n * width + c * stride;
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
  const Index stride = theta.stride(), width = predictors_ * stride;
  const double* const records = block.features.records.data();
  AlignedVector<double> beta, beta_gradient;
  fill_coefficients(theta, beta);
  if (gradients != nullptr) beta_gradient.assign(beta.size(), 0.0);
  AlignedVector<double> eta(static_cast<std::size_t>(kTile * width));
  const auto add_to_own = [&](Index lane, const Doubles& of_own) {
    if (gradients != nullptr && at_.own >= 0) add_to(gradients->row(at_.own) + lane, of_own);
  };

  const ResponseTally responses = tally(block, Likelihood::kCounts);
  const std::vector<typename Likelihood::Own> own = own_parameters<Likelihood>(theta, at_.own);
  for (Index lane = 0; lane < stride; lane += kLanes) {
    Doubles of_own;
    const auto& lanes = own[static_cast<std::size_t>(lane / kLanes)];
    add_to(values.row(0) + lane, total_of_responses(likelihood, responses, lanes, of_own));
    add_to_own(lane, of_own);
  }

  for (Index first = 0; first < block.rows(); first += kTile) {
    const Index rows = std::min(kTile, block.rows() - first);
    fill_predictors(theta, beta, block, first, rows, eta.data());
    for (Index lane = 0; lane < stride; lane += kLanes) {
      RecordSums sums;
      for (Index n = 0; n < rows; ++n) {
        const double weight = block.weight(first + n);
        double* const at = eta.data() + n * width + lane;
        if (weight == 0) {
          for (Index c = 0; c < predictors_; ++c) std::fill_n(at + c * stride, kLanes, 0.0);
          continue;
        }
        const double y = block.responses[static_cast<std::size_t>(first + n)];
        likelihood.add_record(y, weight, own[static_cast<std::size_t>(lane / kLanes)], at, stride, sums);
      }
      add_to(values.row(0) + lane, sums.log_likelihood(likelihood));
      add_to_own(lane, sums.of_own);
    }
    if (gradients == nullptr) continue;
    add_to_intercepts(eta, rows, *gradients);
    if (at_.group >= 0) add_to_groups(theta, block, eta, first, rows, *gradients);
    if (features_ > 0) {
      simd::add_transposed_product(features_, rows, width, records + first * features_, features_, eta.data(),
                                   width, beta_gradient.data(), width);
    }
  }
  if (gradients != nullptr) spread_gradient(theta, beta_gradient, *gradients);
}

void Regression::add_to_intercepts(const AlignedVector<double>& eta, Index rows, Points& gradients) const {
  const Index stride = gradients.stride();
  for (Index c = 0; c < predictors_; ++c) {
    for (Index lane = 0; lane < stride; lane += kLanes) {
      Doubles sum = 0.0;
      for (Index n = 0; n < rows; ++n) sum += simd::load(eta.data() + (n * predictors_ + c) * stride + lane);
      add_to(gradients.row(at_.intercept + c) + lane, sum);
    }
  }
}

void Regression::add_to_groups(const Points& theta, const ResponseBlock& block,
                               const AlignedVector<double>& eta, Index first, Index rows,
                               Points& gradients) const {
  const Index stride = theta.stride();
  const double* const scale = theta.row(at_.group_scale);
  double* const of_scale = gradients.row(at_.group_scale);
  for (Index n = 0; n < rows; ++n) {
    for (Index c = 0; c < predictors_; ++c) {
      const double* const g = eta.data() + (n * predictors_ + c) * stride;
      const Index i = at_.group + c * settings_.groups + block.groups[static_cast<std::size_t>(first + n)];
      const double* const raw = theta.row(i);
      double* const of_raw = gradients.row(i);
      for (Index s = 0; s < stride; ++s) {
        of_raw[s] += scale[s] * g[s];
        of_scale[s] += raw[s] * g[s];
      }
    }
  }
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
      return add(StudentLikelihood{{}, settings_.degrees_of_freedom}, theta, block, values, gradients);
    case Response::bernoulli:
      return add(BernoulliLikelihood{}, theta, block, values, gradients);
    case Response::poisson:
      return add(PoissonLikelihood{}, theta, block, values, gradients);
    case Response::negative_binomial:
      return add(NegativeBinomialLikelihood{}, theta, block, values, gradients);
    case Response::categorical:
      return add(CategoricalLikelihood{{}, {}, predictors_}, theta, block, values, gradients);
  }
}

}  // namespace jensen::advi
