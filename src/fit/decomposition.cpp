#include "jensen/fit/decomposition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

using Array = Eigen::ArrayXd;

double log_sum_exp(const Array& values) {
  const double largest = values.maxCoeff();
  double total = 0;
  for (const double value : values) total += std::exp(value - largest);
  return largest + std::log(total);
}

/// q of a record.
struct Masses {
  Array logs;  // K; minus infinity where there is no mass
  Array values;

  /// Of these log joint densities, whose log-sum-exp is `log_density`.
  Masses(const Array& joint, double log_density, Variational kind) {
    if (kind == Variational::posterior) {
      logs = joint - log_density;
    } else {
      Index mode = 0;
      joint.maxCoeff(&mode);
      logs = Array::Constant(joint.size(), -std::numeric_limits<double>::infinity());
      logs[mode] = 0;
    }
    values = logs.unaryExpr([](double log) { return std::exp(log); });
  }
};

/// A term of KL(q ‖ p): q log(q / p) - q + p, which is never negative, nor lost to rounding where q is nearly
/// p. Over all k the added parts cancel.
double divergence(double q, double log_q, double log_p) {
  if (!(q > 0)) return std::exp(log_p);
  const double ratio = log_p - log_q;
  return ratio < 1 ? q * (std::expm1(ratio) - ratio) : std::exp(log_p) - q - q * ratio;
}

/// Of a record of weight 1.
Decomposition decompose(const Masses& q, const Array& joint, double log_density) {
  Decomposition parts{.log_likelihood = log_density};
  for (Index k = 0; k < joint.size(); ++k) {
    parts.kl_divergence += divergence(q.values[k], q.logs[k], joint[k] - log_density);
    if (!(q.values[k] > 0)) continue;
    parts.expected_log_joint += q.values[k] * joint[k];
    parts.entropy -= q.values[k] * q.logs[k];
  }
  return parts;
}

void add(double weight, const Decomposition& parts, Decomposition& sum) {
  sum.log_likelihood += weight * parts.log_likelihood;
  sum.expected_log_joint += weight * parts.expected_log_joint;
  sum.entropy += weight * parts.entropy;
  sum.kl_divergence += weight * parts.kl_divergence;
}

/// Expected difference of two log joint densities.
double expected_gain(const Masses& q, const Array& before, const Array& now) {
  double gain = 0;
  for (Index k = 0; k < now.size(); ++k) {
    if (q.values[k] > 0) gain += q.values[k] * (now[k] - before[k]);
  }
  return gain;
}

}  // namespace

EmSteps em_steps(std::span<const double> weights, const Matrix& before, const Matrix& now, Variational q) {
  EmSteps sums;
  for (Index n = 0; n < now.rows(); ++n) {
    const double weight = weights[static_cast<std::size_t>(n)];
    if (!(weight > 0)) continue;
    const Array joint = now.row(n);
    const double log_density = log_sum_exp(joint);
    add(weight, decompose(Masses(joint, log_density, q), joint, log_density), sums.e_step);
    sums.magnitude += weight * std::abs(log_density);
    if (before.size() == 0) continue;
    const Array old_joint = before.row(n);
    const double old_log_density = log_sum_exp(old_joint);
    const Masses old_q(old_joint, old_log_density, q);
    add(weight, decompose(old_q, joint, log_density), sums.m_step);
    sums.log_likelihood_gain += weight * (log_density - old_log_density);
    sums.expected_log_joint_gain += weight * expected_gain(old_q, old_joint, joint);
  }
  return sums;
}

void EmStepTrace::add(const EmSteps& steps, bool exempt) {
  steps_.push_back(steps);
  exempt_.push_back(exempt ? 1 : 0);
}

void EmStepTrace::describe(Archive& archive) {
  auto count = static_cast<Index>(steps_.size());
  archive("decomposition_steps", count);
  if (count < 0)
    throw InputError(
        fmt::format("'decomposition_steps' in the saved state is {} (must be 0 or more)", count));
  steps_.resize(static_cast<std::size_t>(count));
  exempt_.resize(steps_.size());
  std::vector<double> numbers;
  for (const EmSteps& steps : steps_) {
    const auto own = std::bit_cast<EmStepNumbers>(steps);
    numbers.insert(numbers.end(), own.begin(), own.end());
  }
  archive("decomposition", numbers);
  for (std::size_t t = 0; t < steps_.size(); ++t) {
    EmStepNumbers own;
    std::copy_n(numbers.begin() + static_cast<std::ptrdiff_t>(t * own.size()), own.size(), own.begin());
    steps_[t] = std::bit_cast<EmSteps>(own);
  }
  archive("decomposition_exempt", exempt_);
}

void EmStepTrace::record(const EmSteps& last, Variational q, const ObjectiveUnits& units, double weight,
                         Document& document) const {
  std::vector<EmSteps> all = steps_;
  all.push_back(last);
  const double offset = units.offset_per_weight * weight;
  const std::string group = "/fit/decomposition";
  const auto column = [&](const std::string& name, std::size_t first, auto value) {
    std::vector<double> values;
    for (std::size_t t = first; t < all.size(); ++t) values.push_back(value(all[t]));
    const auto length = static_cast<Index>(values.size());
    document.set(group + "/" + name, NdArray{{length}, std::move(values)});
  };
  const auto columns = [&](const std::string& step, std::size_t first, auto parts_of) {
    column(step + "/log_likelihood", first,
           [&](const auto& s) { return parts_of(s).log_likelihood + offset; });
    column(step + "/elbo", first, [&](const auto& s) { return parts_of(s).elbo() + offset; });
    column(step + "/kl_divergence", first, [&](const auto& s) { return parts_of(s).kl_divergence; });
    column(step + "/expected_log_joint", first,
           [&](const auto& s) { return parts_of(s).expected_log_joint + offset; });
    column(step + "/entropy", first, [&](const auto& s) { return parts_of(s).entropy; });
  };
  columns("e_step", 0, [](const EmSteps& s) { return s.e_step; });
  columns("m_step", 1, [](const EmSteps& s) { return s.m_step; });
  column("m_step/log_likelihood_gain", 1, [](const auto& s) { return s.log_likelihood_gain; });
  column("m_step/expected_log_joint_gain", 1, [](const auto& s) { return s.expected_log_joint_gain; });
  column("m_step/rounding", 1,
         [](const auto& s) { return 64 * std::numeric_limits<double>::epsilon() * s.magnitude; });
  std::vector<double> gains;
  for (std::size_t t = 1; t < all.size(); ++t)
    gains.push_back(all[t].m_step.kl_divergence - all[t - 1].e_step.kl_divergence);
  const auto length = static_cast<Index>(gains.size());
  document.set(group + "/m_step/kl_divergence_gain", NdArray{{length}, std::move(gains)});
  document.set(group + "/m_step/exempt", NdArray{{length}, exempt_});
  document.set_attribute(group, "units", std::string("nats"));
  document.set_attribute(group, "q", std::string(q == Variational::posterior ? "posterior" : "point mass"));
}

}  // namespace jensen
