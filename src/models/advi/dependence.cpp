#include "jensen/models/advi/dependence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jensen/core/product.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::advi {
namespace {

constexpr double kLeft = 1e-10;       // of a variance: what others leave of a feature that follows from them
constexpr double kPart = 1e-4;        // of the largest coefficient: a feature that has a part
constexpr std::size_t kMostSets = 5;  // that are named
constexpr std::size_t kMostNames = 8;

/// sum_n w_n x_n x_n', D x D.
Matrix second_moments(const ResponseShard& shard, const Communicator& comm) {
  const Index features = shard.features().features(), width = simd::padded<double>(features);
  Statistics total(features * width);
  AlignedVector<double> weighted;
  accumulate(shard, comm, total, [&](const ResponseBlock& block, Index, Statistics& sums) {
    const double* const records = block.features.records.data();
    weighted.assign(static_cast<std::size_t>(block.rows() * width), 0.0);
    for (Index n = 0; n < block.rows(); ++n) {
      const double weight = block.weight(n);
      if (weight == 0) continue;
      for (Index j = 0; j < features; ++j)
        weighted[static_cast<std::size_t>(n * width + j)] = weight * records[n * features + j];
    }
    simd::add_transposed_product(features, block.rows(), width, records, features, weighted.data(), width,
                                 sums.body().data(), width);
  });
  return Eigen::Map<const RowMatrix>(total.body().data(), features, width).leftCols(features);
}

std::string listed(const std::vector<Index>& set, const std::vector<std::string>& names) {
  std::string text;
  const std::size_t named = set.size() > kMostNames ? kMostNames - 1 : set.size() - 1;
  for (std::size_t i = 0; i < named; ++i)
    text += fmt::format("{}'{}'", i == 0 ? "" : ", ", names[static_cast<std::size_t>(set[i])]);
  if (set.size() > kMostNames) return text + fmt::format(" and {} others", set.size() - named);
  return text + fmt::format(" and '{}'", names[static_cast<std::size_t>(set.back())]);
}

}  // namespace

std::vector<std::vector<Index>> dependent_features(const ResponseShard& shard, const Communicator& comm) {
  const Index features = shard.features().features();
  if (features > kMostFeaturesCompared) return {};
  const Matrix moments = second_moments(shard, comm);
  const Vector lengths = moments.diagonal().cwiseSqrt();
  Matrix factor = Matrix::Zero(features, features);  // Cholesky's, of the correlations of those kept
  std::vector<Index> kept;
  std::vector<std::vector<Index>> dependent;
  for (Index j = 0; j < features; ++j) {
    if (!(lengths[j] > 0)) continue;
    const Index count = std::ssize(kept);
    Vector correlations(count);
    for (Index i = 0; i < count; ++i) {
      const Index k = kept[static_cast<std::size_t>(i)];
      correlations[i] = moments(k, j) / (lengths[k] * lengths[j]);
    }
    Vector explained = correlations;
    if (count > 0) factor.topLeftCorner(count, count).triangularView<Eigen::Lower>().solveInPlace(explained);
    const double left = 1 - explained.squaredNorm();
    if (left > kLeft) {
      factor.row(count).head(count) = explained.transpose();
      factor(count, count) = std::sqrt(left);
      kept.push_back(j);
      continue;
    }
    Vector coefficients = explained;
    factor.topLeftCorner(count, count).transpose().triangularView<Eigen::Upper>().solveInPlace(coefficients);
    std::vector<Index> set;
    for (Index i = 0; i < count; ++i) {
      if (std::abs(coefficients[i]) > kPart * coefficients.cwiseAbs().maxCoeff())
        set.push_back(kept[static_cast<std::size_t>(i)]);
    }
    set.push_back(j);
    dependent.push_back(set);
  }
  return dependent;
}

std::vector<std::string> sentences_of(const std::vector<std::vector<Index>>& dependent,
                                      const std::vector<std::string>& names) {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < std::min(kMostSets, dependent.size()); ++i) {
    sentences.push_back(fmt::format(
        "features {} are linearly dependent: their coefficients cannot be told apart, and follow the prior",
        listed(dependent[i], names)));
  }
  if (dependent.size() > kMostSets) {
    sentences.push_back(fmt::format("{} more features are linear combinations of those before them",
                                    dependent.size() - kMostSets));
  }
  return sentences;
}

}  // namespace jensen::advi
