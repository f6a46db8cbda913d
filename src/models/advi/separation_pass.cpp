#include "separation_pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "jensen/core/product.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::advi {
namespace {

constexpr std::size_t kBrought = 256;  // records at most

/// Where a record is worst told apart: from class `other`.
struct Lead {
  double margin = 0;
  Index record = 0, own_class = 0, other = 0;

  friend bool operator<(const Lead& a, const Lead& b) {
    return a.margin != b.margin ? a.margin < b.margin : a.record < b.record;
  }
};

void keep_worst(std::vector<Lead>& leads) {
  std::sort(leads.begin(), leads.end());
  if (leads.size() > kBrought) leads.resize(kBrought);
}

/// Predictors of a block's records, B x width: a row's first C - 1 numbers.
class Predictors {
 public:
  explicit Predictors(const Matrix& direction)
      : features_(direction.cols() - 1), width_(simd::padded<double>(direction.rows())) {
    beta_.assign(static_cast<std::size_t>((1 + features_) * width_), 0.0);
    for (Index j = 0; j <= features_; ++j) {
      for (Index c = 0; c < direction.rows(); ++c)
        beta_[static_cast<std::size_t>(j * width_ + c)] = direction(c, j);
    }
  }

  void fill(const ResponseBlock& block) {
    eta_.resize(static_cast<std::size_t>(block.rows() * width_));
    for (Index n = 0; n < block.rows(); ++n) std::copy_n(beta_.data(), width_, eta_.data() + n * width_);
    simd::add_product(block.rows(), features_, width_, block.features.records.data(), features_,
                      beta_.data() + width_, width_, eta_.data(), width_);
  }
  /// Of class c; that of class 0 is 0.
  double operator()(Index n, Index c) const {
    return c == 0 ? 0 : eta_[static_cast<std::size_t>(n * width_ + c - 1)];
  }

 private:
  Index features_, width_;
  AlignedVector<double> beta_, eta_;
};

/// (1, x) of an own record, in internal coordinates.
Vector extended(const ResponseShard& shard, Index own) {
  const DenseShard& features = shard.features();
  Vector x(1 + features.features());
  x << 1, features.transform().to_internal(features.original_record(own)).transpose();
  return x;
}

/// Their differences, a column each, on every rank.
Matrix differences(const ResponseShard& shard, const std::vector<Lead>& leads, Index predictors,
                   const Communicator& comm) {
  const Index length = 1 + shard.features().features(), first = shard.partition().first_record();
  std::vector<double> mine;
  for (const Lead& lead : leads) {
    if (lead.record < first || lead.record >= first + shard.partition().own_records()) continue;
    const Vector x = extended(shard, lead.record - first).normalized();
    Matrix difference = Matrix::Zero(length, predictors);
    if (lead.own_class > 0) difference.col(lead.own_class - 1) = x;
    if (lead.other > 0) difference.col(lead.other - 1) = -x;
    mine.insert(mine.end(), difference.data(), difference.data() + difference.size());
  }
  const std::vector<double> all = comm.all_gather(std::span<const double>(mine));
  return Eigen::Map<const Matrix>(all.data(), length * predictors, std::ssize(leads));
}

}  // namespace

SeparationPass separation_pass(const ResponseShard& shard, const Matrix& direction, const Communicator& comm,
                               const std::function<bool(Index)>& contains) {
  const Index classes = direction.rows() + 1;
  Predictors eta(direction);
  std::vector<Lead> leads;
  Statistics total(2);
  accumulate(shard, comm, total, [&](const ResponseBlock& block, Index, Statistics& sums) {
    eta.fill(block);
    const Index features = block.features.features();
    for (Index n = 0; n < block.rows(); ++n) {
      const Index record = block.features.first_record + n;
      if (block.weight(n) == 0 || (contains && !contains(record))) continue;
      const auto y = static_cast<Index>(block.responses[static_cast<std::size_t>(n)]);
      Lead worst{.margin = std::numeric_limits<double>::infinity(), .record = record, .own_class = y};
      double best = -worst.margin, square = 1;
      for (Index c = 0; c < classes; ++c) {
        if (c == y) continue;
        const double margin = eta(n, y) - eta(n, c);
        best = std::max(best, margin);
        if (margin < worst.margin) worst.margin = margin, worst.other = c;
      }
      const double* const x = block.features.records.data() + n * features;
      for (Index j = 0; j < features; ++j) square += x[j] * x[j];
      const double length = std::sqrt(square);
      worst.margin /= length;
      sums.records() += 1;
      sums.body()[0] += worst.margin > kNoMargin ? 1 : 0;
      sums.body()[1] += best / length > kNoMargin ? 1 : 0;
      if (worst.margin < -kNoMargin) leads.push_back(worst);
    }
    keep_worst(leads);
  });
  keep_worst(leads);
  std::vector<Lead> all = comm.all_gather(std::span<const Lead>(leads));
  keep_worst(all);
  // owners bring them in the order of records
  std::sort(all.begin(), all.end(), [](const Lead& a, const Lead& b) { return a.record < b.record; });
  return {.records = total.records(),
          .separated = total.body()[0],
          .moved = total.body()[1],
          .wrong = differences(shard, all, direction.rows(), comm)};
}

}  // namespace jensen::advi
