#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "jensen/core/product.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/core/simd_math.hpp"
#include "jensen/models/mixture/gaussians.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "workspace.hpp"

namespace jensen::mixture {
namespace {

constexpr Index kLanes = simd::kLanes<float>;
constexpr Index kPanelWidth = PanelsOf<float>::kWidth;

// max|z|^2 over the variance of a component, beyond which it is too narrow: 24 bits would tell the distance
// of a record from its mean to 2^-14 sds, and of its variance, a difference of second moments, little.
constexpr double kRoughExpansion = 0x1p20;

// Of records, scales and scaled means, whose squares a float must hold.
constexpr double kLargestInFloat = 0x1p40;

Index width_of(Quadratic kind, Index features) {
  return simd::padded<float>(kind == Quadratic::squares ? 2 * features : features);
}

}  // namespace

/// What a local step in float32 works on: a tile of records [z | z^2], or z with |z|^2 apart, and what is
/// made of it.
class RoughWork {
 public:
  /// `kind`: of the components' second moments.
  RoughWork(Quadratic kind, Index features, Index components)
      : tile_(features, Beside::nothing),
        kind_(kind),
        components_(components),
        width_(width_of(kind, features)),
        row_stride_((width_ / kLanes | 1) * kLanes),
        stride_(simd::padded<float>(components)),
        records_(static_cast<std::size_t>(kRows * row_stride_), 0.0f),
        norms_(static_cast<std::size_t>(kRows)),
        scores_(static_cast<std::size_t>(kRows * stride_)),
        tile_sums_(static_cast<std::size_t>(2 * stride_ + components * width_)),
        log_density_(static_cast<std::size_t>(kRows)),
        sums_(tile_sums_.size()) {}

  /// Adds the block, whose records are scored by `score(rows, records, row stride, scores, soon)`; it asks
  /// for cache lines that are to be read soon, and returns those that are left.
  template <class Score>
  void add(const DenseBlock& block, Score score, Statistics& sums) {
    std::fill(sums_.begin(), sums_.end(), 0.0);
    TimedPhase timed(Phase::local_step);
    tile_.for_each(block, [&] {
      write_records();
      timed.next(Phase::products);
      const CacheLines soon =
          score(tile_.rows(), records_.data(), row_stride_, scores_.data(), tile_.next_lines());
      timed.next(Phase::softmax);
      normalise(tile_.rows(), stride_, -0.5, scores_.data(), log_density_.data(), soon);
      apply_weights(sums);
      timed.next(Phase::products);
      add_moments();
      timed.next(Phase::local_step);
    });
  }

  // The block's sums of component k:
  double size(Index k) const { return sums_[static_cast<std::size_t>(k)]; }
  const double* first(Index k) const { return sums_.data() + 2 * stride_ + k * width_; }
  const double* second(Index k) const {
    return kind_ == Quadratic::squares ? first(k) + tile_.features() : sums_.data() + stride_ + k;
  }

 private:
  static constexpr Index kRows = RecordTile::kMostRows;
  static_assert(kRows % kLanes == 0);

  void write_records() {
    const Index d = tile_.features();
    for (Index n = 0; n < tile_.rows(); ++n) {
      const double* const z = tile_.row(n);
      float* const record = records_.data() + n * row_stride_;
      for (Index i = 0; i < d; ++i) record[i] = static_cast<float>(z[i]);
      if (kind_ == Quadratic::squares)
        for (Index i = 0; i < d; ++i) record[d + i] = record[i] * record[i];
      if (kind_ == Quadratic::norm) norms_[static_cast<std::size_t>(n)] = squared_norm(record);
    }
  }

  /// Of whole vectors, of which zeros fill the last.
  [[gnu::flatten]] float squared_norm(const float* record) const {
    simd::Floats sum = 0.0f;
    for (Index i = 0; i < width_; i += kLanes) {
      const simd::Floats z = simd::load<float>(record + i);
      sum = simd::fma(z, z, sum);
    }
    return simd::fold(sum, [](auto a, auto b) { return a + b; });
  }

  /// Weights are taken in units of a power of two, so that none is beyond a float.
  void apply_weights(Statistics& sums) {
    double largest = 0;
    for (Index n = 0; n < tile_.rows(); ++n) largest = std::max(largest, tile_.weight(n));
    unit_ = largest > 0 ? std::ldexp(1.0, std::ilogb(largest)) : 1.0;
    for (Index n = 0; n < tile_.rows(); ++n) {
      const double weight = tile_.weight(n);
      const auto own = static_cast<float>(weight / unit_);
      float* const r = scores_.data() + n * stride_;
      if (own != 1)
        for (Index k = 0; k < stride_; ++k) r[k] *= own;
      add_density(weight, log_density_[static_cast<std::size_t>(n)], sums);
    }
  }

  /// The tile's moments are added up in float, and to those of the block in double.
  void add_moments() {
    std::fill(tile_sums_.begin(), tile_sums_.end(), 0.0f);
    add_sizes(tile_sums_.data(), tile_sums_.data() + stride_);
    simd::add_transposed_product(components_, tile_.rows(), width_, scores_.data(), stride_, records_.data(),
                                 row_stride_, tile_sums_.data() + 2 * stride_, width_);
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += unit_ * tile_sums_[i];
  }

  [[gnu::flatten]] void add_sizes(float* sizes, float* squares) const {
    for (Index k = 0; k < stride_; k += kLanes) {
      simd::Floats size = 0.0f, square = 0.0f;
      for (Index n = 0; n < tile_.rows(); ++n) {
        const simd::Floats r = simd::load<float>(scores_.data() + n * stride_ + k);
        size += r;
        if (kind_ == Quadratic::norm)
          square = simd::fma(r, simd::Floats(norms_[static_cast<std::size_t>(n)]), square);
      }
      simd::store<float>(size, sizes + k);
      simd::store<float>(square, squares + k);
    }
  }

  RecordTile tile_;
  Quadratic kind_;
  Index components_, width_, row_stride_;  // width: of a record and its sums
  Index stride_;                           // padded components
  double unit_ = 1;                        // of the tile's weights
  AlignedVector<float> records_, norms_, scores_, tile_sums_;
  AlignedVector<double> log_density_, sums_;  // sums: sizes, of |z|^2, and then rows of a component's moments
};

Vector Gaussians::narrowest_in_float() const {
  if (family().form() == Quadratic::norm) return Vector::Constant(1, reach_.squaredNorm() / kRoughExpansion);
  return reach_.cwiseAbs2() / kRoughExpansion;
}

bool Gaussians::is_wide_enough_for_float() const {
  return std::all_of(whitening_.begin(), whitening_.end(),
                     [&](const Matrix& whitening) { return expansion_of(whitening, 0) < kRoughExpansion; });
}

bool Gaussians::fits_into_float() const {
  double largest = reach_.maxCoeff();
  for (Index k = 0; k < components(); ++k) {
    const auto scales = whitening_of(k).col(0).array();
    largest = std::max(largest, scales.maxCoeff());
    largest = std::max(largest, (scales * means_.row(k).transpose().array()).abs().maxCoeff());
  }
  return largest <= kLargestInFloat;
}

void Gaussians::pack_rough_forms(bool wanted) {
  in_float_ = wanted && !any_centred_ && is_wide_enough_for_float() && fits_into_float();
  if (!in_float_) return;
  const Index d = features(), count = components();
  if (!rough_work_) rough_work_ = std::make_shared<RoughWork>(family().component, d, count);
  rough_forms_.scales.assign(d, count, 0.0f);
  rough_forms_.centres.assign(d, count, 0.0f);
  for (Index k = 0; k < count; ++k) {
    for (Index i = 0; i < d; ++i) {
      rough_forms_.scales(i, k) = static_cast<float>(forms_(i, k));
      rough_forms_.centres(i, k) = static_cast<float>(centres_(i, k));
    }
  }
  rough_forms_.first_scores.assign(static_cast<std::size_t>(simd::padded<float>(count)),
                                   std::numeric_limits<float>::infinity());
  std::transform(first_scores_.begin(), first_scores_.begin() + count, rough_forms_.first_scores.begin(),
                 [](double score) { return static_cast<float>(score); });
}

void Gaussians::add_roughly(const DenseBlock& block, GaussianSums& sums) const {
  const RoughForms& forms = rough_forms_;
  const Index stride = forms.scales.columns();
  const auto score = [&](Index rows, const float* records, Index row_stride, float* scores, CacheLines soon) {
    for (Index n = 0; n < rows; ++n) std::copy_n(forms.first_scores.data(), stride, scores + n * stride);
    for (Index k = 0; k < stride; k += kPanelWidth) {
      soon = simd::add_scaled_distances(rows, features(), forms.scales.width(k), records, row_stride,
                                        forms.scales.row(0, k), forms.centres.row(0, k),
                                        forms.scales.width(k), scores + k, stride, soon);
    }
    return soon;
  };
  rough_work_->add(block, score, sums);
  add_rough_moments(*rough_work_, sums);
}

void Gaussians::add_rough_moments(const RoughWork& work, GaussianSums& sums) const {
  const Index quadratic = sums.layout().quadratic(), d = features();
  auto all = sums.moments();
  for (Index k = 0; k < components(); ++k) {
    for (Index i = 0; i < quadratic; ++i) all(i, k) += work.second(k)[i];
    for (Index i = 0; i < d; ++i) all(quadratic + i, k) += work.first(k)[i];
    all(quadratic + d, k) += work.size(k);
  }
}

}  // namespace jensen::mixture
