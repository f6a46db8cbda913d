#include "jensen/models/gmm/gmm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::gmm {

using mixture::Quadratic;
using mixture::subtract_outer;

namespace {

constexpr double kDeadShare = 1e-6;      // of the mean component size: below it a component is revived
constexpr double kRevivalStep = 0x1p-4;  // sds from the donor's mean

// float32 is left when nothing moves by as much (sds; weights absolute), or after so many steps: rounding
// might keep small components going to and fro for ever.
constexpr double kRoughMove = 0x1p-12;
constexpr Index kMostRoughSteps = 512;

constexpr const char* kAdvice = "raise --covariance-floor or fit fewer components";

// Of update and preparation of a component, for each second moment that it has; measured.
constexpr double kSecondsPerMoment = 15e-9;

}  // namespace

GaussianMixture::GaussianMixture(const Settings& settings, const FeatureSummary& summary,
                                 const Transform& transform, std::uint64_t seed)
    : settings_(settings),
      log_scale_(transform.log_scale()),
      sd_((summary.variance.array().sqrt() * transform.scale.array()).matrix()),
      fixed_variance_(settings.fixed_variance * transform.scale[0] * transform.scale[0]),
      seed_(static_cast<Index>(seed)),
      weights_(Vector::Constant(settings.components, 1.0 / static_cast<double>(settings.components))),
      means_(RowMatrix::Zero(settings.components, summary.features())),
      covariances_(settings.family->form(), summary.features(),
                   settings.family->shared() ? 1 : settings.components),
      sizes_(Vector::Zero(settings.components)),
      rough_(settings.arithmetic == Arithmetic::float32 && settings.family->form() != Quadratic::packed ? 1
                                                                                                        : 0),
      floored_(static_cast<std::size_t>(settings.components), 0),
      moved_(Vector::Zero(settings.components)),
      gaussians_(*settings.family, settings.components, summary.features(), settings.expansion_limit) {
  const Vector variance = sd_.cwiseAbs2();
  reference_variance_ = settings.family->scaling == Scaling::common
                            ? Vector::Constant(variance.size(), variance.mean())
                            : variance;
  reach_ = mixture::reach_of(summary, transform);
  gaussians_.begin(reach_);
}

bool GaussianMixture::singular() const {
  return floor_active() || !(sizes_.minCoeff() > static_cast<double>(features()));
}

Index GaussianMixture::free_parameters() const {
  const Index k = components(), d = features();
  const Index covariance = fixed_variance_ > 0 ? 0 : family().covariance_parameters(k, d);
  return k * d + (settings_.equal_weights ? 0 : k - 1) + covariance;
}

void GaussianMixture::set_parameters(const Vector& weights, const RowMatrix& means,
                                     const std::vector<Matrix>& covariances) {
  weights_ = settings_.equal_weights ? Vector::Constant(components(), 1.0 / static_cast<double>(components()))
                                     : weights;
  means_ = means;
  const auto of = [&](Index k) -> const Matrix& {
    return covariances[covariances.size() == 1 ? 0 : static_cast<std::size_t>(k)];
  };
  const auto set = [&](const Matrix& sigma, Index c) {
    estimate_covariance(mixture::second_moments_of(family().form(), sigma), 1.0, covariances_, c);
    floor_active_ |=
        static_cast<Index>(apply_floor(covariances_, c, reference_variance_, settings_.covariance_floor));
  };
  floor_active_ = 0;
  if (fixed_variance_ > 0) {
    covariances_.values.setConstant(fixed_variance_);
  } else if (family().shared()) {
    Matrix pooled = Matrix::Zero(features(), features());
    for (Index k = 0; k < components(); ++k) pooled += weights_[k] * of(k);
    set(pooled, 0);
  } else {
    for (Index k = 0; k < components(); ++k) set(of(k), k);
  }
  sizes_.setConstant(std::numeric_limits<double>::infinity());  // not known before the first global step
}

void GaussianMixture::prepare(Index) {
  gaussians_.begin(reach_);
  for (Index k = 0; k < components(); ++k) prepare_part(k);
  prepare_joined();
}

double GaussianMixture::part_seconds() const {
  const auto d = static_cast<double>(features());
  return kSecondsPerMoment * (family().form() == Quadratic::packed ? d * d : d);
}

void GaussianMixture::prepare_joined() {
  gaussians_.pack(weights_.array().log(), rough_ != 0);
}

void GaussianMixture::prepare_part(Index k) {
  if (k > 0 && family().shared())
    return gaussians_.set_like_first(k, means_.row(k), gaussians_.log_constant(0));
  const mixture::PrecisionRoot root = mixture::precision_root(covariances_, k, kAdvice);
  const double log_normaliser =
      0.5 * static_cast<double>(features()) * std::log(2 * std::numbers::pi) - root.log_determinant;
  gaussians_.set(k, means_.row(k), root.whitening, -log_normaliser, covariances_.norm(k));
}

Change GaussianMixture::global_step(const Sums& total, Index t) {
  for (Index k = 0; k < components(); ++k) update_part(total, k);
  if (family().shared()) update_shared_covariance(total);
  return join_parts(t);
}

/// New mean of component k from its reference point; 0 where no record is its.
Vector GaussianMixture::offset(const Sums& total, Index k) const {
  if (!(sizes_[k] > 0)) return Vector::Zero(features());
  return total.moments().col(k).segment(total.layout().quadratic(), features()) / sizes_[k];
}

void GaussianMixture::update_part(const Sums& total, Index k) {
  const auto moments = total.moments().col(k);
  sizes_[k] = moments[moments.size() - 1];
  floored_[static_cast<std::size_t>(k)] = 0;
  moved_[k] = 0;
  if (!(sizes_[k] > 0)) return;
  const Vector shift = offset(total, k);
  const Vector old_mean = means_.row(k).transpose();
  means_.row(k) = gaussians_.reference(k) + shift.transpose();
  moved_[k] = distance_in_sd(means_.row(k).transpose(), old_mean);
  if (family().shared()) return;
  Vector scatter = moments.head(total.layout().quadratic());
  subtract_outer(family().form(), sizes_[k], shift, scatter);
  update_covariance(scatter, sizes_[k], k);
}

void GaussianMixture::update_shared_covariance(const Sums& total) {
  Vector scatter = total.pooled();
  for (Index k = 0; k < components(); ++k)
    subtract_outer(family().form(), sizes_[k], offset(total, k), scatter);
  update_covariance(scatter, sizes_.sum(), 0);
}

void GaussianMixture::update_covariance(const Vector& scatter, double weight, Index c) {
  const Vector old = covariances_.values.col(c);
  if (fixed_variance_ > 0) {
    covariances_.values.col(c).setConstant(fixed_variance_);
  } else {
    estimate_covariance(scatter, weight, covariances_, c);
    floored_[static_cast<std::size_t>(c)] =
        apply_floor(covariances_, c, reference_variance_, settings_.covariance_floor) ? 1 : 0;
    if (rough_ != 0) {
      auto variances = covariances_.values.col(c);  // rounding may have left nothing of them
      variances = variances.cwiseMax(gaussians_.narrowest_in_float());
    }
  }
  moved_[c] = std::max(moved_[c], largest_change(covariances_, c, old, sd_));
}

/// What is left of a global step when every component has its mean and covariance.
Change GaussianMixture::join_parts(Index t) {
  const Vector old_weights = weights_;
  const double sum = sizes_.sum();
  if (!settings_.equal_weights) weights_ = sizes_ / sum;
  floor_active_ = std::count(floored_.begin(), floored_.end(), 1) > 0 ? 1 : 0;
  Change change;
  for (Index k = 0; k < components(); ++k) {
    if (!(sizes_[k] > kDeadShare * sum / static_cast<double>(components()))) revive(k, t, change);
  }
  change.largest = std::max((weights_ - old_weights).cwiseAbs().maxCoeff(), moved_.maxCoeff());
  if (rough_ != 0) {
    change.provisional = true;
    rough_ = stays_rough(change, t) ? 1 : 0;
  }
  return change;
}

/// Whether the step after this one may be in float32 too. Repairs end it: whether a component is dead is for
/// exact sums to say.
bool GaussianMixture::stays_rough(const Change& change, Index t) const {
  return change.repairs.empty() && change.largest >= kRoughMove && t + 1 < kMostRoughSteps &&
         (covariances_.values.colwise() - gaussians_.narrowest_in_float()).minCoeff() > 0;
}

void GaussianMixture::describe_part(Index k, PartArchive& archive) {
  archive(sizes_[k]);
  archive(floored_[static_cast<std::size_t>(k)]);
  archive(moved_[k]);
  archive(means_.row(k));
  if (covariances_.form == Quadratic::packed) {
    archive.symmetric(covariances_.full(k));
  } else {
    archive(covariances_.values.col(k));
  }
  gaussians_.describe_part(k, archive);
}

/// A dead component takes half of the heaviest one, a little beside it, with the same covariance.
void GaussianMixture::revive(Index dead, Index t, Change& change) {
  Index donor = 0;
  weights_.maxCoeff(&donor);
  if (settings_.equal_weights) sizes_.maxCoeff(&donor);
  const Vector old_mean = means_.row(dead).transpose();
  const Vector sd = covariances_.variances(covariances_.column(donor)).cwiseSqrt();
  Stream stream(static_cast<std::uint64_t>(seed_), Purpose::repair, t, static_cast<std::uint64_t>(dead));
  for (Index d = 0; d < features(); ++d) {
    means_(dead, d) = means_(donor, d) + kRevivalStep * sd[d] * stream.normal();
  }
  moved_[dead] = std::max(moved_[dead], distance_in_sd(means_.row(dead).transpose(), old_mean));
  if (!settings_.equal_weights) weights_[dead] = weights_[donor] = 0.5 * (weights_[donor] + weights_[dead]);
  sizes_[dead] = sizes_[donor] = 0.5 * (sizes_[donor] + sizes_[dead]);
  if (!family().shared()) {
    const Vector old = covariances_.values.col(dead);
    covariances_.values.col(dead) = covariances_.values.col(donor);
    moved_[dead] = std::max(moved_[dead], largest_change(covariances_, dead, old, sd_));
  }
  change.repairs.push_back({dead, fmt::format("empty component took half of component {}", donor)});
}

/// Largest difference of two means, in sds of the features.
double GaussianMixture::distance_in_sd(const Vector& mean, const Vector& old) const {
  return ((mean - old).array().abs() / sd_.array()).maxCoeff();
}

void GaussianMixture::save(const Transform& transform, Document& document) const {
  document.set_attribute("/", "model", std::string("gmm"));
  mixture::store_parameters(parameters(), transform, document);
}

void GaussianMixture::describe(Archive& archive) {
  archive("weights", weights_);
  archive("means", means_);
  archive("covariances", covariances_.values);
  archive("sizes", sizes_);
  archive("floor_active", floor_active_);
  archive("reference_variance", reference_variance_);
  archive("sd", sd_);
  archive("reach", reach_);
  archive("log_scale", log_scale_);
  archive("fixed_variance", fixed_variance_);
  archive("seed", seed_);
  archive("rough", rough_);
}

}  // namespace jensen::gmm
