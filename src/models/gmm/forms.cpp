#include <limits>

#include "jensen/core/quadratic.hpp"
#include "jensen/models/gmm/gmm.hpp"

namespace jensen::gmm {

/// Lays out what `prepare` derived as the kernels want it.
void GaussianMixture::pack_forms() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Index d = features(), count = components();
  const bool expanded = kernel() == Kernel::expanded;
  any_centred_ = all_centred_ = false;
  const auto centred = std::count(centred_.begin(), centred_.end(), 1);
  any_centred_ = centred > 0;
  all_centred_ = centred == count;

  if (any_centred_ && whitens()) whitening_rows_.assign(whitening_.begin(), whitening_.end());

  first_scores_.assign(static_cast<std::size_t>(simd::padded<double>(count)),
                       expanded ? -kInfinity : kInfinity);
  for (Index k = 0; k < count; ++k)
    first_scores_[static_cast<std::size_t>(k)] =
        expanded ? theta_(theta_.rows() - 1, k) + log_constant_[k] : -2 * log_constant_[k];
  if (expanded) {
    forms_.assign(simd::line_of(d, d), count, 0.0);
    for (Index k = 0; k < count; ++k) {
      if (is_centred(k)) continue;
      for_each_pair(d, [&](Index i, Index, Index position) {
        forms_(simd::line_of(i, d) + 1 + position / d, k) = theta_(position, k);
      });
      for (Index i = 0; i < d; ++i) forms_(simd::line_of(i, d), k) = theta_(d * (d + 1) / 2 + i, k);
    }
    return;
  }
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
  if (!whitens()) return pack_rough_forms();
  const Index width = simd::padded<double>(d);
  turned_whitening_.assign(static_cast<std::size_t>(d * width), 0.0);
  Eigen::Map<Matrix>(turned_whitening_.data(), width, d).topRows(d) = whitening_[0];
}

}  // namespace jensen::gmm
