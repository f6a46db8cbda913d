#include "jensen/models/advi/predictive.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/simd_math.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/points_pass.hpp"

namespace jensen::advi {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The mean of numbers given by their logarithms, which come a few at a time.
class LogMean {
 public:
  /// Of a row of Points, which is overwritten; NaN is left out.
  void add(double* logs, Index count) {
    double largest = largest_;
    for (Index s = 0; s < count; ++s) {
      if (std::isnan(logs[s])) continue;
      ++count_;
      largest = std::max(largest, logs[s]);
    }
    if (largest == -kInfinity) return;
    sum_ *= std::exp(largest_ - largest);
    largest_ = largest;
    for (Index lane = 0; lane < count; lane += simd::kLanes<double>)
      simd::store<double>(simd::exp(simd::load(logs + lane) - largest), logs + lane);
    for (Index s = 0; s < count; ++s) sum_ += std::isnan(logs[s]) ? 0 : logs[s];
  }

  double value() const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    return largest_ + std::log(sum_ / static_cast<double>(count_));
  }

 private:
  double largest_ = -kInfinity, sum_ = 0;  // of exp(log - largest)
  Index count_ = 0;
};

}  // namespace

PosteriorPredictive::PosteriorPredictive(const Advi& model, Index draws, std::uint64_t seed)
    : target_(model.shared_target()), draws_(draws), seed_(seed) {
  const Family q = model.posterior();
  for (Index first = 0; first < draws; first += kPointsAtOnce) {
    Points& theta = thetas_.emplace_back(target_->size(), std::min(kPointsAtOnce, draws - first));
    for (Index s = 0; s < theta.count(); ++s) {
      const Vector point = constrained(*target_, draw_of(q, seed, first + s));
      theta.set_point(s, {point.data(), static_cast<std::size_t>(point.size())});
    }
    theta.pad();
  }
}

void PosteriorPredictive::log_density(const ResponseBlock& block, Eigen::ArrayXd& values) const {
  std::vector<LogMean> means(static_cast<std::size_t>(block.rows()));
  for (const Points& theta : thetas_) {
    Points found(block.rows(), theta.count());
    target_->record_log_likelihoods(theta, block, found);
    for (Index n = 0; n < block.rows(); ++n)
      means[static_cast<std::size_t>(n)].add(found.row(n), theta.count());
  }
  values.resize(block.rows());
  for (Index n = 0; n < block.rows(); ++n) values[n] = means[static_cast<std::size_t>(n)].value();
}

RowMatrix PosteriorPredictive::draw_responses(const ResponseBlock& block) const {
  RowMatrix responses(block.rows(), draws_);
  Index first = 0;
  for (const Points& theta : thetas_) {
    Points drawn(block.rows(), theta.count());
    target_->draw_responses(theta, block, seed_, first, drawn);
    for (Index n = 0; n < block.rows(); ++n)
      std::copy_n(drawn.row(n), theta.count(), responses.row(n).data() + first);
    first += theta.count();
  }
  return responses;
}

PredictiveScore score(const PosteriorPredictive& predictive, const ResponseShard& shard,
                      const Communicator& comm) {
  Statistics sums;
  Eigen::ArrayXd log_density;
  accumulate(shard, comm, sums, [&](const ResponseBlock& block, Index, Statistics& s) {
    predictive.log_density(block, log_density);
    for (Index n = 0; n < block.rows(); ++n) {
      const double weight = block.weight(n);
      if (weight == 0) continue;
      if (!std::isfinite(log_density[n])) {
        throw NumericalError(
            fmt::format("the log predictive density of record {} is {}, by {} draws of q (must be finite); "
                        "look for values far out of range",
                        block.features.first_record + n, log_density[n], predictive.draws()));
      }
      s.objective() += weight * log_density[n];
      s.weight() += weight;
    }
  });
  return {.weight = sums.weight(), .log_predictive = sums.objective()};
}

Index RecordSampler::draw(Index n, std::span<double> record) const {
  const Vector theta = constrained(*target_, draw_of(q_, seed_, n));
  Stream stream(seed_, Purpose::sampling, n);
  return target_->draw_record({theta.data(), static_cast<std::size_t>(theta.size())}, stream, record);
}

}  // namespace jensen::advi
