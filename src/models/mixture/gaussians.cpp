#include "jensen/models/mixture/gaussians.hpp"

#include <algorithm>
#include <limits>

#include "jensen/core/quadratic.hpp"
#include "workspace.hpp"

namespace jensen::mixture {
namespace {

// A score of a full covariance is off by up to epsilon times the condition of what it is made from (observed,
// mostly far below): |precision| max|x|^2 where expanded, else |covariance| |precision|. The monotone check
// grants 64 epsilon of the magnitude: twice this, for the two evaluations that it compares.
constexpr double kCancellationShare = 1.0 / 32;

}  // namespace

Vector reach_of(const FeatureSummary& summary, const Transform& transform) {
  const auto distance = [&](const Vector& x) {
    return ((x - transform.shift).array() * transform.scale.array()).abs();
  };
  return distance(summary.minimum).max(distance(summary.maximum)).matrix();
}

Gaussians::Gaussians(const Family& family, Index components, Index features, double expansion_limit)
    : family_(&family),
      reach_(Vector::Zero(features)),
      expansion_limit_(expansion_limit),
      workspace_(std::make_shared<Workspace>(family.component, features, simd::padded<double>(components))),
      centred_(static_cast<std::size_t>(components), 0) {}

void Gaussians::begin(const Vector& reach) {
  const Index d = features(), count = components();
  reach_ = reach;
  means_.setZero(count, d);
  whitening_.resize(family().shared() ? 1 : static_cast<std::size_t>(count));
  log_constant_.setZero(count);
  cancellation_.setZero(count);
  std::fill(centred_.begin(), centred_.end(), 0);
  if (kernel() == Kernel::expanded) theta_.setZero(d * (d + 1) / 2 + d + 1, count);
}

/// |precision| max|x|^2, by feature where precisions are.
double Gaussians::expansion_of(const Matrix& whitening, double precision_norm) const {
  if (whitens()) return precision_norm * reach_.squaredNorm();
  const auto scale = whitening.col(0).array();
  if (family().form() == Quadratic::norm) return reach_.squaredNorm() * scale[0] * scale[0];
  return (reach_.array() * scale).square().maxCoeff();
}

void Gaussians::set(Index k, const Eigen::Ref<const RowVector>& mean, const Matrix& whitening,
                    double log_constant, double covariance_norm) {
  const auto i = static_cast<std::size_t>(k);
  means_.row(k) = mean;
  log_constant_[k] = log_constant;
  whitening_[i] = whitening;
  double precision_norm = 0;
  if (whitens()) {
    const Matrix precision = whitening.transpose() * whitening;
    precision_norm = precision.norm();
    if (!family().shared()) {
      const Index d = features();
      for_each_pair(d, [&](Index a, Index b, Index position) {
        theta_(position, k) = a == b ? -0.5 * precision(a, a) : -precision(a, b);
      });
      const Vector linear = precision * mean.transpose();
      theta_.col(k).tail(d + 1) << linear, -0.5 * mean.dot(linear);
    }
  }
  const double expansion = expansion_of(whitening, precision_norm);
  centred_[i] = !(expansion <= expansion_limit_);
  if (!whitens()) return;
  const bool expanded = !family().shared() && !is_centred(k);
  cancellation_[k] = kCancellationShare * (expanded ? expansion : covariance_norm * precision_norm);
}

void Gaussians::set_like_first(Index k, const Eigen::Ref<const RowVector>& mean, double log_constant) {
  means_.row(k) = mean;
  log_constant_[k] = log_constant;
  cancellation_[k] = cancellation_[0];
  centred_[static_cast<std::size_t>(k)] = centred_[0];
}

void Gaussians::describe_part(Index k, PartArchive& archive) {
  const auto i = static_cast<std::size_t>(k);
  archive(means_.row(k));
  if (whitens()) {
    archive.lower_triangle(whitening_[i]);
    archive(theta_.col(k));
  } else {
    archive(whitening_[i].col(0));
  }
  archive(log_constant_[k]);
  archive(cancellation_[k]);
  archive(centred_[i]);
}

void Gaussians::pack(const Vector& log_weights, bool float32) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Index d = features(), count = components();
  const bool expanded = kernel() == Kernel::expanded;
  const auto centred = std::count(centred_.begin(), centred_.end(), 1);
  any_centred_ = centred > 0;
  all_centred_ = centred == count;
  if (any_centred_ && whitens()) whitening_rows_.assign(whitening_.begin(), whitening_.end());

  constant_ = log_constant_ + log_weights;
  first_scores_.assign(static_cast<std::size_t>(padded_components()), expanded ? -kInfinity : kInfinity);
  for (Index k = 0; k < count; ++k)
    first_scores_[static_cast<std::size_t>(k)] =
        expanded ? theta_(theta_.rows() - 1, k) + constant_[k] : -2 * constant_[k];
  if (expanded) return pack_expanded();
  forms_.assign(d, count, 0.0);
  centres_.assign(d, count, 0.0);
  for (Index k = 0; k < count; ++k) {
    const Vector centre = whitens() ? Vector(whitening_of(k) * means_.row(k).transpose())
                                    : Vector(whitening_of(k).col(0).cwiseProduct(means_.row(k).transpose()));
    for (Index i = 0; i < d; ++i) {
      forms_(i, k) = whitens() ? 1.0 : whitening_of(k)(i, 0);
      centres_(i, k) = centre[i];
    }
  }
  if (!whitens()) return pack_rough_forms(float32);
  const Index width = simd::padded<double>(d);
  turned_whitening_.assign(static_cast<std::size_t>(d * width), 0.0);
  Eigen::Map<Matrix>(turned_whitening_.data(), width, d).topRows(d) = whitening_[0];
}

void Gaussians::pack_expanded() {
  const Index d = features();
  forms_.assign(simd::line_of(d, d), components(), 0.0);
  for (Index k = 0; k < components(); ++k) {
    if (is_centred(k)) continue;
    for_each_pair(d, [&](Index i, Index, Index position) {
      forms_(simd::line_of(i, d) + 1 + position / d, k) = theta_(position, k);
    });
    for (Index i = 0; i < d; ++i) forms_(simd::line_of(i, d), k) = theta_(d * (d + 1) / 2 + i, k);
  }
}

}  // namespace jensen::mixture
