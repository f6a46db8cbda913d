#include "jensen/models/bayes_gmm/bayes_gmm.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "jensen/core/error.hpp"
#include "jensen/models/mixture/moments.hpp"

namespace jensen::bayes_gmm {
namespace {

using mixture::Quadratic;

constexpr const char* kAdvice = "raise --prior-covariance or fit fewer components";

// Of update and preparation of a component, for each second moment that it has; measured.
constexpr double kSecondsPerMoment = 20e-9;

}  // namespace

BayesianMixture::BayesianMixture(const Settings& settings, const FeatureSummary& summary,
                                 const Transform& transform)
    : settings_(settings),
      log_scale_(transform.log_scale()),
      sd_((summary.variance.array().sqrt() * transform.scale.array()).matrix()),
      reach_(mixture::reach_of(summary, transform)),
      prior_covariance_(settings.family->form(), summary.features(), 1),
      sizes_(Vector::Zero(settings.components)),
      means_(RowMatrix::Zero(settings.components, summary.features())),
      covariances_(settings.family->form(), summary.features(),
                   settings.family->shared() ? 1 : settings.components),
      weights_(weight_posterior(settings.weight_prior, settings.concentration, sizes_)),
      moved_(Vector::Zero(settings.components)),
      log_mean_(Vector::Zero(settings.components)),
      part_divergence_(Vector::Zero(settings.components)),
      gaussians_(*settings.family, settings.components, summary.features(), settings.expansion_limit) {
  gaussians_.begin(reach_);
  set_prior_covariance(sd_.cwiseAbs2().asDiagonal());
}

void BayesianMixture::set_prior_covariance(const Matrix& sigma) {
  estimate_covariance(mixture::second_moments_of(family().form(), sigma), settings_.degrees_of_freedom,
                      prior_covariance_, 0);
  covariances_.values = prior_covariance_.values.replicate(1, covariances_.count());
}

double BayesianMixture::log_labellings() const {
  const auto dead = static_cast<double>(components() - live_components());
  return std::lgamma(static_cast<double>(components()) + 1) - std::lgamma(dead + 1);
}

void BayesianMixture::prepare(Index) {
  prior_log_mean_ = 2 * mixture::precision_root(prior_covariance_, 0, kAdvice).log_determinant;
  gaussians_.begin(reach_);
  for (Index k = 0; k < components(); ++k) prepare_part(k);
  prepare_joined();
}

double BayesianMixture::part_seconds() const {
  const auto d = static_cast<double>(features());
  return kSecondsPerMoment * (family().form() == Quadratic::packed ? d * d : d);
}

/// tr(E_p[Lambda]^-1 W'W).
double BayesianMixture::relative_trace(const Matrix& whitening) const {
  if (family().form() != Quadratic::packed)
    return whitening.col(0).cwiseAbs2().dot(prior_covariance_.variances(0));
  return (whitening * prior_covariance_.full(0)).cwiseProduct(whitening).sum();
}

void BayesianMixture::prepare_part(Index k) {
  const bool shares = k > 0 && family().shared();
  const auto d = static_cast<double>(features());
  const double beta0 = settings_.mean_precision, beta = mean_precision(k);
  const mixture::PrecisionRoot root = shares ? mixture::PrecisionRoot{gaussians_.whitening_of(0)}
                                             : mixture::precision_root(covariances_, k, kAdvice);
  log_mean_[k] = shares ? log_mean_[0] : 2 * root.log_determinant;
  const Wishart posterior = wishart(k, log_mean_[k]);
  const auto mean_log_determinant = static_cast<double>(posterior.mean_log_determinant());
  // E log N(x | mu_k, Lambda_k^-1) (Bishop 2006, eq. 10.64) but for the distance.
  const double log_constant = 0.5 * (mean_log_determinant - d * std::log(2 * std::numbers::pi) - d / beta);
  if (shares) {
    gaussians_.set_like_first(k, means_.row(k), log_constant);
  } else {
    gaussians_.set(k, means_.row(k), root.whitening, log_constant, covariances_.norm(k));
  }
  const Vector mean = means_.row(k).transpose();
  const double distance = family().form() == Quadratic::packed
                              ? (root.whitening * mean).squaredNorm()
                              : root.whitening.col(0).cwiseProduct(mean).squaredNorm();
  part_divergence_[k] = 0.5 * (d * (beta0 / beta - 1 + std::log(beta / beta0)) + beta0 * distance);
  if (shares) return;
  const Wishart prior{family().form(), features(), settings_.degrees_of_freedom, prior_log_mean_};
  part_divergence_[k] +=
      static_cast<double>(bayes_gmm::divergence(posterior, prior, relative_trace(root.whitening)));
}

void BayesianMixture::prepare_joined() {
  weights_ = weight_posterior(settings_.weight_prior, settings_.concentration, sizes_);
  divergence_ = std::accumulate(part_divergence_.begin(), part_divergence_.end(),
                                static_cast<double>(weights_.divergence));
  gaussians_.pack(weights_.mean_log);
}

Change BayesianMixture::global_step(const Sums& total, Index t) {
  for (Index k = 0; k < components(); ++k) update_part(total, k);
  if (family().shared()) {
    Vector scatter = total.pooled();
    for (Index k = 0; k < components(); ++k) scatter = scatter_about_prior(total, k, std::move(scatter));
    update_covariance(scatter, 0);
  }
  return join_parts(t);
}

/// Mean of the records of component k from its reference point; 0 where it has none.
Vector BayesianMixture::offset(const Sums& total, Index k) const {
  if (!(sizes_[k] > 0)) return Vector::Zero(features());
  return total.moments().col(k).segment(total.layout().quadratic(), features()) / sizes_[k];
}

/// Bishop (2006), eqs. 10.60 to 10.63.
void BayesianMixture::update_part(const Sums& total, Index k) {
  sizes_[k] = total.size(k);
  const RowVector old_mean = means_.row(k);
  const RowVector centre = gaussians_.reference(k) + offset(total, k).transpose();
  means_.row(k) = sizes_[k] / mean_precision(k) * centre;
  moved_[k] = ((means_.row(k) - old_mean).transpose().array().abs() / sd_.array()).maxCoeff();
  if (family().shared()) return;
  update_covariance(scatter_about_prior(total, k, total.moments().col(k).head(total.layout().quadratic())),
                    k);
}

/// From second moments about the component's reference point, N_k S_k and what the prior mean adds to it.
Vector BayesianMixture::scatter_about_prior(const Sums& total, Index k, Vector moments) const {
  const Vector shift = offset(total, k);
  subtract_outer(family().form(), sizes_[k], shift, moments);
  const Vector centre = gaussians_.reference(k).transpose() + shift;
  const double beta0 = settings_.mean_precision;
  add_outer(family().form(), beta0 * sizes_[k] / mean_precision(k), centre, moments);
  return moments;
}

void BayesianMixture::update_covariance(const Vector& scatter, Index c) {
  const Vector old = covariances_.values.col(c);
  const Vector prior =
      settings_.degrees_of_freedom * mixture::second_moments_of(family().form(), prior_covariance_.dense(0));
  estimate_covariance(prior + scatter, degrees_of_freedom(c), covariances_, c);
  moved_[c] = std::max(moved_[c], largest_change(covariances_, c, old, sd_));
}

Change BayesianMixture::join_parts(Index) {
  const Vector old_weights = weights_.mean;
  weights_ = weight_posterior(settings_.weight_prior, settings_.concentration, sizes_);
  return {.largest = std::max((weights_.mean - old_weights).cwiseAbs().maxCoeff(), moved_.maxCoeff())};
}

void BayesianMixture::describe_part(Index k, PartArchive& archive) {
  archive(sizes_[k]);
  archive(moved_[k]);
  archive(means_.row(k));
  if (covariances_.form == Quadratic::packed) {
    archive.symmetric(covariances_.full(k));
  } else {
    archive(covariances_.values.col(k));
  }
  archive(log_mean_[k]);
  archive(part_divergence_[k]);
  gaussians_.describe_part(k, archive);
}

void BayesianMixture::describe(Archive& archive) {
  archive("sizes", sizes_);
  archive("means", means_);
  archive("covariances", covariances_.values);
  archive("prior_covariance", prior_covariance_.values);
  archive("sd", sd_);
  archive("reach", reach_);
  archive("log_scale", log_scale_);
}

}  // namespace jensen::bayes_gmm
