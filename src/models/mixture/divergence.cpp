#include "jensen/models/mixture/divergence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "jensen/core/error.hpp"
#include "pair_shard.hpp"

namespace jensen::mixture {
namespace {

using Values = Eigen::ArrayXd;

constexpr Index kEstimates = 4;
constexpr Index kFirstDraws =
    32 * PairShard::kBlockRows;   // rare draws are seen before a precision is believed
constexpr Index kMostGrowth = 8;  // of the draws, from one round to the next
constexpr Index kMostMore = 2048 * PairShard::kBlockRows;  // in a round, so that none is long

/// log(1 + exp(-x)).
Values softplus_of_minus(const Values& x) {
  return (-x).max(0.0) + (-x.abs()).exp().log1p();
}

/// Sums of values and of their squares, for each estimate.
struct Moments {
  std::array<double, 2 * kEstimates> sums = {};

  void add(std::span<const double> more) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
  }
  Estimate estimate(std::size_t which, double draws) const {
    const double mean = sums[2 * which] / draws;
    const double variance = std::max(sums[2 * which + 1] / draws - mean * mean, 0.0);
    return {mean, std::sqrt(variance / (draws - 1))};
  }
};

DivergenceEstimates estimates_of(const Moments& moments, Index draws) {
  const auto of = [&](std::size_t which) { return moments.estimate(which, static_cast<double>(draws)); };
  return {of(0), of(1), of(2), of(3), draws};
}

/// log p - log q at the draws of p and log q - log p at those of q, and what the other estimates make of
/// them.
class PairVisitor {
 public:
  PairVisitor(const Density& p, const Density& q) : p_(p.log_density), q_(q.log_density) {}

  void operator()(const PairShard::Block& block, Statistics& sums) {
    const Values at_p = log_ratio(p_, q_, block.p), at_q = log_ratio(q_, p_, block.q);
    if (!at_p.isFinite().all() || !at_q.isFinite().all()) {
      throw NumericalError(fmt::format(
          "a log-density of draws {} to {} is not finite (must be: components may be too narrow, or too far "
          "from each other); compare models whose scales are closer",
          block.first_draw, block.first_draw + block.p.rows() - 1));
    }
    add(0, at_p, sums);
    add(1, at_q, sums);
    add(2, at_p + at_q, sums);
    // log p/m = log 2 - log(1 + q/p)
    add(3, std::numbers::ln2 - 0.5 * (softplus_of_minus(at_p) + softplus_of_minus(at_q)), sums);
  }

 private:
  Values log_ratio(const LogDensity& above, const LogDensity& below, const RowMatrixView& records) {
    above.evaluate(records, buffer_, first_);
    below.evaluate(records, buffer_, second_);
    return first_ - second_;
  }
  static void add(std::size_t which, const Values& values, Statistics& sums) {
    sums.body()[2 * which] += values.sum();
    sums.body()[2 * which + 1] += values.square().sum();
  }

  const LogDensity& p_;
  const LogDensity& q_;
  AlignedVector<double> buffer_;
  Values first_, second_;
};

/// How many draws there should be after the next round, by the standard error so far.
Index next_draws(const DivergenceEstimates& estimates, const DrawPlan& plan) {
  const double lacking = largest_error(estimates, plan) / plan.standard_error;
  const double wanted = 1.05 * static_cast<double>(estimates.draws) * lacking * lacking;
  const Index most = std::min(kMostGrowth * estimates.draws, estimates.draws + kMostMore);
  const auto blocks = static_cast<Index>(std::min(wanted, static_cast<double>(most)) / PairShard::kBlockRows);
  return std::max(blocks * PairShard::kBlockRows, estimates.draws + PairShard::kBlockRows);
}

}  // namespace

double largest_error(const DivergenceEstimates& estimates, const DrawPlan& plan) {
  const std::array all = all_of(estimates);
  double largest = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (plan.judged[i]) largest = std::max(largest, all[i].standard_error);
  }
  return largest;
}

DivergenceEstimates estimate_divergences(const Density& p, const Density& q, const DrawPlan& plan,
                                         const Communicator& comm,
                                         const std::function<void(const DivergenceEstimates&)>& show) {
  Moments moments;
  DivergenceEstimates estimates;
  PairVisitor visit(p, q);
  Index end = std::min(kFirstDraws, plan.most_draws);
  while (true) {
    const PairShard shard(p.sampler, q.sampler, estimates.draws, end, comm.rank(), comm.size());
    Statistics sums(2 * kEstimates);
    accumulate(shard, comm, sums,
               [&](const PairShard::Block& block, Index, Statistics& own) { visit(block, own); });
    moments.add(sums.body());
    estimates = estimates_of(moments, end);
    if (show) show(estimates);
    if (end == plan.most_draws || is_precise(estimates, plan)) return estimates;
    end = std::min(next_draws(estimates, plan), plan.most_draws);
  }
}

}  // namespace jensen::mixture
