#include "jensen/core/metropolis.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen {

namespace {

constexpr double kTargetAcceptance = 0.234;  // the best for many coordinates (Roberts, Gelman and Gilks 1997)

/// Normal steps of covariance exp(log_scale) * covariance, learnt from the chain.
class Proposal {
 public:
  Proposal(const Vector& start, double step)
      : mean_(start),
        covariance_(step * step * Matrix::Identity(start.size(), start.size())),
        factor_(step * Matrix::Identity(start.size(), start.size())) {}

  Vector step_from(const Vector& state, Stream& stream) const {
    Vector noise(state.size());
    for (double& value : noise) value = stream.normal();
    return state + std::exp(0.5 * log_scale_) * (factor_ * noise);
  }

  /// Learns from the state after step t >= 0, whose proposal had this probability of acceptance.
  void adapt(Index t, const Vector& state, double acceptance) {
    const double rate = std::pow(static_cast<double>(t + 2), -0.6);
    log_scale_ += rate * (acceptance - kTargetAcceptance);
    const Vector deviation = state - mean_;
    mean_ += rate * deviation;
    covariance_ += rate * (deviation * deviation.transpose() - covariance_);
    if ((t + 1) % state.size() != 0) return;  // a factor costs D^3, a step D^2
    const Eigen::LLT<Matrix> cholesky(covariance_);
    if (cholesky.info() == Eigen::Success) factor_ = cholesky.matrixL();
  }

 private:
  double log_scale_ = 0;
  Vector mean_;
  Matrix covariance_;
  Matrix factor_;
};

}  // namespace

MetropolisSample metropolis(const LogDensity& log_density, const RowMatrix& starts,
                            const MetropolisPlan& plan) {
  const Index steps = plan.warm_up + plan.draws * plan.thinning;
  MetropolisSample sample;
  sample.draws.resize(starts.rows() * plan.draws, starts.cols());
  Index accepted = 0;
  for (Index chain = 0; chain < starts.rows(); ++chain) {
    Vector state = starts.row(chain);
    double log_p = log_density(state);
    if (!std::isfinite(log_p))
      throw NumericalError(fmt::format(
          "the log density at the start of chain {} is {} (must be finite); start where there is density",
          chain, log_p));
    Proposal proposal(state, plan.first_step);
    for (Index t = 0; t < steps; ++t) {
      Stream stream(plan.seed, plan.purpose, chain, static_cast<std::uint64_t>(t));
      Vector proposed = proposal.step_from(state, stream);
      const double log_p_proposed = log_density(proposed);
      const bool defined = log_p_proposed < HUGE_VAL;
      if (!defined) ++sample.undefined;
      const double probability = defined ? std::min(1.0, std::exp(log_p_proposed - log_p)) : 0;
      if (stream.uniform() < probability) {
        state.swap(proposed);
        log_p = log_p_proposed;
        if (t >= plan.warm_up) ++accepted;
      }
      if (t < plan.warm_up) {
        proposal.adapt(t, state, probability);
      } else if ((t - plan.warm_up + 1) % plan.thinning == 0) {
        sample.draws.row(chain * plan.draws + (t - plan.warm_up) / plan.thinning) = state;
      }
    }
  }
  sample.acceptance =
      static_cast<double>(accepted) / static_cast<double>(starts.rows() * plan.draws * plan.thinning);
  return sample;
}

}  // namespace jensen
