#include "jensen/models/advi/bernstein_von_mises.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/pareto_smoothing.hpp"
#include "jensen/core/weighted_summary.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/advi/advi.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/separation.hpp"
#include "jensen/models/advi/subsample.hpp"

namespace jensen::advi {
namespace {

constexpr double kNearDivergence = 0.05;  // nats
constexpr double kNearMean = 0.2;         // standard deviations
constexpr double kNearDeviation = 0.1;    // of a logarithm
constexpr double kAlike = 0.9;            // share of effective draws: weights that differ little
constexpr double kSmallGap = 0.5;         // nats: sd of ln(p / normal)
constexpr double kMisspecified = 1.25;    // ratio of standard deviations

/// A normal of zeta.
class Normal {
 public:
  Normal(const Vector& mean, const Matrix& covariance) : mean_(mean), factor_(covariance.llt().matrixL()) {
    deviations_ = covariance.diagonal().cwiseSqrt();
  }

  const Vector& mean() const { return mean_; }
  const Vector& deviations() const { return deviations_; }
  double log_density(const Vector& zeta) const {
    const Vector z = factor_.triangularView<Eigen::Lower>().solve(zeta - mean_);
    return -0.5 * (z.squaredNorm() + static_cast<double>(z.size()) * std::log(2 * std::numbers::pi)) -
           factor_.diagonal().array().log().sum();
  }

 private:
  Vector mean_, deviations_;
  Matrix factor_;  // lower Cholesky factor of the covariance
};

/// Weighted draws that stand for a posterior.
struct Posterior {
  Matrix draws;  // p x S
  Vector log_p;  // S: log posterior density, not normalised
  ParetoSmoothed smoothed;
  std::vector<double> weights;

  Posterior(const Family& q, const std::shared_ptr<const Target>& target, const ResponseShard& shard,
            const Communicator& comm, Index count, std::uint64_t seed)
      : draws(q.size(), count) {
    for (Index s = 0; s < count; ++s) draws.col(s) = draw_of(q, seed, s);
    log_p = log_densities(target, Density::posterior, draws, shard, comm);
    std::vector<double> ratios;
    for (Index s = 0; s < count; ++s) {
      const double ratio = log_p[s] - q.log_density(draws.col(s));
      ratios.push_back(std::isfinite(ratio) ? ratio : -std::numeric_limits<double>::infinity());
    }
    smoothed = pareto_smooth(ratios);
    weights = smoothed.weights();
  }

  /// Mean and standard deviation of coordinate i. Where weights are alike, what they change in the moments of
  /// q, which are known, has less noise than weighted moments.
  void moments(const Family& q, const Vector& q_deviations, Index i, double& mean, double& deviation) const {
    const Vector values = draws.row(i);
    const std::span<const double> all(values.data(), weights.size());
    const WeightedSummary plain = weighted_summary(all, weights);
    mean = plain.mean;
    deviation = plain.sd;
    if (smoothed.effective_draws < kAlike * static_cast<double>(weights.size())) return;
    const double even = 1 / static_cast<double>(weights.size());
    double shift = 0, widening = 0;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      const double offset = all[s] - q.mean()[i];
      shift += (weights[s] - even) * offset;
      widening += (weights[s] - even) * offset * offset;
    }
    mean = q.mean()[i] + shift;
    deviation = std::sqrt(q_deviations[i] * q_deviations[i] + widening - shift * shift);
  }

  NormalDistance distance(const Normal& normal, const Vector& mean, const Vector& deviations) const {
    std::vector<double> gaps(weights.size());
    for (std::size_t s = 0; s < gaps.size(); ++s) {
      const auto at = static_cast<Index>(s);
      gaps[s] = log_p[at] - smoothed.log_mean_ratio - normal.log_density(draws.col(at));
    }
    WeightedSummary gap = weighted_summary(gaps, weights);
    if (gap.sd < kSmallGap) {
      // E_p[normal / p] = 1: adding normal / p - 1 changes no mean, and leaves the noise of a square
      for (double& value : gaps) value += std::expm1(-value);
      gap = weighted_summary(gaps, weights);
    }
    const Vector means = (normal.mean() - mean).cwiseQuotient(deviations);
    const Vector ratios = normal.deviations().cwiseQuotient(deviations);
    return {.divergence = gap.mean,
            .divergence_error = gap.mean_error,
            .mean_difference = means.cwiseAbs().maxCoeff(),
            .deviation_difference = ratios.array().log().abs().maxCoeff()};
  }
};

Family full_rank_q(const std::shared_ptr<const Target>& target, const Laplace& normal,
                   const ResponseShard& shard, const Communicator& comm,
                   const BernsteinVonMisesSettings& settings) {
  Advi model(target, {.covariance = Covariance::full_rank, .draws = 16, .seed = settings.seed});
  Family q = model.family();
  q.set_normal(normal.mode, normal.covariance, normal.precision);
  model.set_family(q);
  fit(model, shard, comm, {.stopping = {.max_iterations = settings.iterations}});
  return model.posterior();
}

/// The inverse of the expected information, or, where that is not known or not positive, of the observed.
Matrix information_inverse(const Target& target, const Laplace& likelihood, const ResponseShard& shard,
                           const Communicator& comm, bool& expected) {
  expected = false;
  if (!target.has_expected_information()) return likelihood.covariance;
  const Eigen::LLT<Matrix> factor(expected_information(target, likelihood.mode, shard, comm));
  expected = factor.info() == Eigen::Success;
  if (!expected) return likelihood.covariance;
  return factor.solve(Matrix::Identity(likelihood.mode.size(), likelihood.mode.size()));
}

void look(const std::shared_ptr<const Subsample>& target, const ResponseShard& shard,
          const Communicator& comm, const BernsteinVonMisesSettings& settings, BernsteinVonMisesStep& step) {
  if (settings.classes > 0) {
    const auto contains = [&](Index record) { return target->contains(record); };
    const Separation separation = find_separation(shard, settings.classes, comm, contains);
    if (separation.found()) {
      step.refusal = sentence_of(separation);
      return;
    }
  }
  const Laplace posterior = laplace(target, target->start(), shard, comm);
  if (!posterior.found()) {
    step.refusal = posterior.refusal;
    return;
  }
  const Laplace likelihood = laplace(target, posterior.mode, shard, comm, {.density = Density::likelihood});
  if (!likelihood.found()) {
    step.refusal = likelihood.refusal;
    return;
  }
  const Matrix sandwich = sandwich_covariance(*target, likelihood, shard, comm);
  const Family q = full_rank_q(target, posterior, shard, comm, settings);
  const Posterior draws(q, target, shard, comm, settings.draws, settings.seed);
  step.k_hat = draws.smoothed.k_hat;
  step.k_hat_threshold = k_hat_threshold(settings.draws);
  step.effective_draws = draws.smoothed.effective_draws;
  step.mean.resize(q.size());
  step.deviations.resize(q.size());
  const Vector q_deviations = q.deviations();
  for (Index i = 0; i < q.size(); ++i) draws.moments(q, q_deviations, i, step.mean[i], step.deviations[i]);
  const auto distance = [&](const Vector& mean, const Matrix& covariance) {
    return draws.distance(Normal(mean, covariance), step.mean, step.deviations);
  };
  step.laplace = distance(posterior.mode, posterior.covariance);
  step.likelihood =
      distance(likelihood.mode, information_inverse(*target, likelihood, shard, comm, step.expected));
  step.observed = distance(likelihood.mode, likelihood.covariance);
  step.sandwich = distance(likelihood.mode, sandwich);
  step.mean_field_gap = mean_field_gap(posterior.precision);
  const Vector log_ratios =
      (sandwich.diagonal().cwiseQuotient(likelihood.covariance.diagonal())).array().log() / 2;
  Index furthest = 0;
  log_ratios.cwiseAbs().maxCoeff(&furthest);
  step.sandwich_ratio = std::exp(log_ratios[furthest]);
}

/// Least-squares slope of ln divergence over ln records, of steps that found one beyond its error.
double slope(const std::vector<BernsteinVonMisesStep>& steps) {
  double count = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const BernsteinVonMisesStep& step : steps) {
    const NormalDistance& distance = step.likelihood;
    if (!step.refusal.empty() || !(distance.divergence > 2 * distance.divergence_error)) continue;
    const double u = std::log(step.records), v = std::log(distance.divergence);
    count += 1;
    x += u;
    y += v;
    xx += u * u;
    xy += u * v;
  }
  if (count < 3) return std::numeric_limits<double>::quiet_NaN();
  return (count * xy - x * y) / (count * xx - x * x);
}

void judge(BernsteinVonMises& result, const BernsteinVonMisesSettings& settings) {
  const BernsteinVonMisesStep& last = result.steps.back();
  result.refusals = settings.violated;
  if (!last.refusal.empty()) {
    result.refusals.push_back(last.refusal);
  } else if (!(last.k_hat < last.k_hat_threshold) &&
             last.effective_draws < kAlike * static_cast<double>(settings.draws)) {
    result.refusals.push_back(
        fmt::format("importance weights do not correct the full-rank fit (k-hat {:.2f}, must be below "
                    "{:.2f}), so that the "
                    "posterior is not known well enough; judge it by a long Markov chain",
                    last.k_hat, last.k_hat_threshold));
  }
  if (!result.refusals.empty()) return;

  const NormalDistance& distance = last.likelihood;
  result.holds = distance.divergence < kNearDivergence && distance.mean_difference < kNearMean &&
                 distance.deviation_difference < kNearDeviation;
  result.verdict.push_back(fmt::format(
      "with {:.0f} records the posterior is {} the normal of the maximum likelihood estimate and its {} "
      "information: KL {:.2g} +- {:.1g} nats, means up to {:.2g} standard deviations and standard deviations "
      "up to {:.1f} % apart",
      last.records, result.holds ? "close to" : "not yet", last.expected ? "expected" : "observed",
      distance.divergence, distance.divergence_error, distance.mean_difference,
      100 * std::expm1(distance.deviation_difference)));
  if (std::isfinite(result.rate)) {
    result.verdict.push_back(fmt::format(
        "KL falls as n^{:.2f} with the number n of records, where the theorem's usual rate is n^-1",
        result.rate));
  }
  const double ratio = last.sandwich_ratio;
  if (ratio > kMisspecified || ratio < 1 / kMisspecified) {
    result.verdict.push_back(
        fmt::format("the sandwich's standard deviations differ from those of the information by a factor of "
                    "up to {:.2g}: the "
                    "model does not describe how the records vary, and its posterior is centred well but of "
                    "the wrong width "
                    "(Kleijn and van der Vaart 2012)",
                    ratio));
  }
}

}  // namespace

double mean_field_gap(const Matrix& precision) {
  const Matrix factor = precision.llt().matrixL();
  return 0.5 * precision.diagonal().array().log().sum() - factor.diagonal().array().log().sum();
}

const std::vector<std::string>& bernstein_von_mises_conditions() {
  static const std::vector<std::string> conditions = {
      "the records are independent, and the model has their distribution (else: the sandwich)",
      "the number of parameters stays as it is while the records grow: no effects of ever more groups",
      "the true parameters are inside their constraints, and the prior is positive and continuous there",
      "different parameters mean different distributions: no labels that can be exchanged",
      "the information is not singular"};
  return conditions;
}

BernsteinVonMises bernstein_von_mises(const std::shared_ptr<const Target>& target, const ResponseShard& shard,
                                      const Communicator& comm, const BernsteinVonMisesSettings& settings) {
  BernsteinVonMises result;
  for (Index halvings = settings.halvings; halvings >= 0; --halvings) {
    const auto part =
        std::make_shared<Subsample>(target, std::exp2(-static_cast<double>(halvings)), settings.seed);
    Index own = 0;
    for (Index n = 0; n < shard.partition().own_records(); ++n)
      own += part->contains(shard.partition().first_record() + n) ? 1 : 0;
    BernsteinVonMisesStep& step = result.steps.emplace_back();
    step.records = static_cast<double>(comm.sum(own));
    try {
      look(part, shard, comm, settings, step);
    } catch (const NumericalError& error) {
      step.refusal = error.what();
    }
  }
  result.rate = slope(result.steps);
  judge(result, settings);
  return result;
}

}  // namespace jensen::advi
