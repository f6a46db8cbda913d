#include "jensen/models/advi/ascent.hpp"

#include <cmath>

namespace jensen::advi {
namespace {

// natural: the rate is the step size until step kSteady or so, then falls as t^-kDecay, which sums up to
// infinity while its squares do not (Robbins and Monro 1951); no step is longer than kMost deviations.
constexpr double kSteady = 50;
constexpr double kDecay = 0.75;
constexpr double kMost = 0.5;

// adaptive, as in the paper
constexpr double kWeightOfNew = 0.1;
constexpr double kTau = 1;

// Adam
constexpr double kFirstMemory = 0.9, kSecondMemory = 0.999, kSmall = 1e-8;

}  // namespace

Ascent::Ascent(StepRule rule, Index parameters) : rule_(rule) {
  if (rule == StepRule::natural) return;
  second_ = Vector::Zero(parameters);
  if (rule == StepRule::adam) first_ = Vector::Zero(parameters);
}

void Ascent::restart() {
  first_.setZero();
  second_.setZero();
}

void Ascent::take(Family& family, const Vector& gradient, Index step, double step_size) {
  const auto t = static_cast<double>(step + 1);
  const auto g = gradient.array();
  switch (rule_) {
    case StepRule::natural:
      family.take_natural_step(gradient, step_size * std::pow(1 + t / kSteady, -kDecay), kMost);
      break;
    case StepRule::adaptive: {
      const double share = step == 0 ? 1 : kWeightOfNew;
      second_.array() += share * (g.square() - second_.array());
      family.parameters().array() += step_size / std::sqrt(t) * g / (kTau + second_.array().sqrt());
      break;
    }
    case StepRule::adam: {
      first_.array() += (1 - kFirstMemory) * (g - first_.array());
      second_.array() += (1 - kSecondMemory) * (g.square() - second_.array());
      const double first = 1 - std::pow(kFirstMemory, t), second = 1 - std::pow(kSecondMemory, t);
      family.parameters().array() += step_size / std::sqrt(1 + t / kSteady) * (first_.array() / first) /
                                     ((second_.array() / second).sqrt() + kSmall);
      break;
    }
  }
  family.prepare();
}

void Ascent::describe(Archive& archive) {
  archive("gradient_mean", first_);
  archive("gradient_square_mean", second_);
}

}  // namespace jensen::advi
