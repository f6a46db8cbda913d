#include "jensen/models/advi/advi.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/median.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/advi/laplace.hpp"

namespace jensen::advi {
namespace {

/// Of the unconstrained parameters, to begin with: narrow, as draws far from the centre say little of the
/// way.
constexpr double kFirstDeviation = 0.1;

/// Step sizes to be tried out, in order.
std::span<const double> candidates(const Settings& settings) {
  static constexpr double kAdaptive[] = {10, 1, 0.1, 0.01, 0.001};
  static constexpr double kAdam[] = {0.3, 0.1, 0.03, 0.01};
  if (settings.step_size > 0) return {};
  switch (settings.step_rule) {
    case StepRule::natural:
      return {};
    case StepRule::adaptive:
      return kAdaptive;
    case StepRule::adam:
      return kAdam;
  }
  return {};
}

/// Of natural steps: with few draws a full-rank S moves in as many directions only, and slower.
double natural_rate(const Settings& settings, Index size) {
  const double share = static_cast<double>(settings.draws) / static_cast<double>(size + 1);
  return settings.covariance == Covariance::full_rank ? std::min(0.5, share / 2) : 0.5;
}

void require(bool fine, const char* name, Index value, const char* expected) {
  if (!fine) throw UsageError(fmt::format("{} = {} (must be {})", name, value, expected));
}

void check(const Settings& settings, Index size) {
  require(settings.draws >= 1, "draws", settings.draws, "at least 1");
  require(!settings.antithetic || settings.draws % 2 == 0, "draws", settings.draws,
          "even for antithetic pairs");
  require(settings.window >= 2, "window", settings.window, "at least 2");
  if (!(settings.step_size >= 0) || std::isinf(settings.step_size)) {
    throw UsageError(
        fmt::format("step-size = {} (must be positive, or 0 for one that is found)", settings.step_size));
  }
  if (settings.covariance != Covariance::low_rank) return;
  if (settings.rank < 1 || settings.rank > size) {
    throw UsageError(fmt::format("rank = {} (must be 1 to {}, the number of unconstrained parameters)",
                                 settings.rank, size));
  }
  if (settings.step_rule == StepRule::natural) {
    throw UsageError(
        "step = natural, but a low-rank q has no natural gradient in closed form; use --step adam or "
        "adaptive");
  }
}

/// Throws UsageError or InputError where a target's parameters or its start cannot be.
void check(const Target& target) {
  for (const ParameterBlock& block : target.parameters()) check(block);
  const Vector zeta = target.start();
  const Index size = unconstrained_size(target);
  if (zeta.size() != size) {
    throw UsageError(fmt::format(
        "the target begins at {} numbers (must be {}, one for each unconstrained one)", zeta.size(), size));
  }
  for (Index i = 0; i < size; ++i) {
    if (std::isfinite(zeta[i])) continue;
    throw UsageError(fmt::format("the target begins '{}' at {}, unconstrained (must be finite)",
                                 parameter_name(target, i), zeta[i]));
  }
  unconstrained(target, constrained(target, zeta));
}

std::shared_ptr<const Target> checked(std::shared_ptr<const Target> target) {
  check(*target);
  return target;
}

/// The median of noisy values, and its standard error by their median deviation from it, as for normal noise.
struct Middle {
  double median, error;
};
Middle middle(const Vector& values) {
  const double median = median_of(values);
  const double deviation = 1.4826 * median_of((values.array() - median).abs());
  return {median, 1.2533 * deviation / std::sqrt(static_cast<double>(values.size()))};
}

}  // namespace

bool BlockBatches::contains(Index t, Index first_record) const {
  if (count <= 1) return true;
  const Index block = first_record / block_rows, epoch = t / count, batch = t % count;
  Stream stream(seed, Purpose::batches, block / count, static_cast<std::uint64_t>(epoch));
  // where a shuffle of 0 ... count - 1 puts this block of its neighbours
  Index at = block % count;
  for (Index i = count - 1; i > 0; --i) {
    const auto j = static_cast<Index>(stream.uniform() * static_cast<double>(i + 1));
    at = at == i ? j : at == j ? i : at;
  }
  return at == batch;
}

void Sums::add(const Points& values, const Points& gradients) {
  double* sum = body().data();
  for (Index s = 0; s < draws_; ++s) sum[s] += values(0, s);
  for (Index s = 0; s < draws_; ++s) {
    for (Index i = 0; i < size_; ++i) sum[draws_ + s * size_ + i] += gradients(i, s);
  }
}

Advi::Advi(std::shared_ptr<const Target> target, const Settings& settings)
    : target_(checked(std::move(target))), settings_(settings), density_(target_, settings.draws) {
  check(settings_, density_.size());
  family_ = Family(settings_.covariance, density_.size(), settings_.rank);
  family_.parameters().head(density_.size()) = target_->start();
  family_.parameters().segment(density_.size(), density_.size()).setConstant(std::log(kFirstDeviation));
  ascent_ = Ascent(settings_.step_rule, family_.parameters().size());
  window_sum_ = best_parameters_ = Vector::Zero(family_.parameters().size());
  window_elbos_ = Vector::Zero(settings_.window);
  noise_.resize(static_cast<std::size_t>(settings_.draws));
  work_ = std::make_shared<Work>(Work{Points(1, settings_.draws), Points(target_->size(), settings_.draws)});
  set_family(family_);
}

void Advi::set_family(const Family& family) {
  family_ = first_ = family;
}

double Advi::step_size() const {
  if (in_trials(t_)) return candidates(settings_)[static_cast<std::size_t>(t_ / settings_.window)];
  double first = settings_.step_size > 0 ? settings_.step_size : chosen_step_;
  if (first == 0) first = natural_rate(settings_, family_.size());
  return std::ldexp(first, -static_cast<int>(std::min<Index>(setbacks_, 1000)));
}

Index Advi::trial_iterations() const {
  return static_cast<Index>(candidates(settings_).size()) * settings_.window;
}

Family Advi::posterior() const {
  Family q = family_;
  if (best_windows_ > 0) q.parameters() = best_parameters_;
  q.prepare();
  return q;
}

void Advi::prepare(Index t) {
  t_ = t;
  family_.prepare();
  const Index pairs = settings_.antithetic ? 2 : 1;
  for (Index s = 0; s < settings_.draws; ++s) {
    Vector& noise = noise_[static_cast<std::size_t>(s)];
    if (s % pairs == 1) {
      noise = -noise_[static_cast<std::size_t>(s - 1)];
    } else {
      Stream stream(settings_.seed, Purpose::draws, s, static_cast<std::uint64_t>(t));
      noise.resize(family_.noise_size());
      for (double& number : noise) number = stream.normal();
    }
    density_.set(s, family_.at(noise));
  }
}

void Advi::local_step(const Block& block, Cache&, Sums& sums) const {
  if (!settings_.batches.contains(t_, block.features.first_record)) return;
  auto& [values, gradients] = *work_;
  values.set_zero();
  gradients.set_zero();
  target_->add_log_likelihood(density_.theta(), block, values, &gradients);
  sums.add(values, gradients);
  sums.records() += static_cast<double>(block.rows());
  sums.weight() += block.features.total_weight();
}

double Advi::scale_of(const Sums& total) const {
  if (settings_.batches.count <= 1) return 1;
  return total.weight() > 0 ? settings_.total_weight / total.weight() : 0;
}

Vector Advi::log_ratios(const Sums& total) const {
  const double scale = scale_of(total);
  Vector ratios(settings_.draws);
  for (Index s = 0; s < settings_.draws; ++s)
    ratios[s] = density_.log_joint(s, scale * total.value(s)) - family_.log_density(density_.zeta(s));
  return ratios;
}

void Advi::require_enough(Index failed) const {
  const auto draws = settings_.draws;
  if (static_cast<double>(failed) <= settings_.most_failed * static_cast<double>(draws)) return;
  throw NumericalError(fmt::format(
      "the target is NaN or infinite at {} of {} draws of q at iteration {} (at most {:g} of them may be "
      "left "
      "out); look for records far out of range, scale the features, begin elsewhere (--start), or give a "
      "smaller --step-size than {:g}",
      failed, draws, t_, settings_.most_failed, step_size()));
}

double Advi::objective(const Sums& total) const {
  return mean_ratio(log_ratios(total));
}

double Advi::mean_ratio(const Vector& ratios) const {
  const Eigen::Array<bool, Eigen::Dynamic, 1> finite = ratios.array().isFinite();
  const Index used = finite.count();
  if (used == 0 && in_trials(t_) && t_ > 0) return last_elbo_;  // a step size that leads astray
  if (!in_trials(t_) || t_ == 0) require_enough(settings_.draws - used);
  double sum = 0;
  for (Index s = 0; s < settings_.draws; ++s) sum += finite[s] ? ratios[s] : 0;
  return sum / static_cast<double>(used);
}

Vector Advi::gradient_of(const Sums& total, const Vector& ratios, Index& used) const {
  Vector gradient = Vector::Zero(family_.parameters().size());
  used = 0;
  for (Index s = 0; s < settings_.draws; ++s) {
    if (!std::isfinite(ratios[s])) continue;
    Vector of_zeta = density_.gradient(s, scale_of(total) * total.gradient(s));
    if (settings_.estimator == Estimator::sticking_the_landing) of_zeta -= family_.score(density_.zeta(s));
    if (!of_zeta.allFinite()) continue;
    family_.add_gradient(noise_[static_cast<std::size_t>(s)], of_zeta, gradient);
    ++used;
  }
  if (used > 0) gradient /= static_cast<double>(used);
  if (settings_.estimator == Estimator::reparameterised) family_.add_entropy_gradient(gradient);
  return gradient;
}

Change Advi::global_step(const Sums& total, Index t) {
  const Vector ratios = log_ratios(total);
  const double elbo = mean_ratio(ratios);
  Index used = 0;
  const Vector gradient = gradient_of(total, ratios, used);
  failed_draws_ += settings_.draws - used;
  if (!in_trials(t)) require_enough(settings_.draws - used);
  const bool setback = settle(t, elbo, used);

  const Family before = family_;
  if (setback) {
    family_.parameters() = best_parameters_;
    family_.prepare();
    ascent_.restart();
  } else if (used > 0) {
    const Index step = in_trials(t) ? t % settings_.window : t - trial_iterations();
    ascent_.take(family_, gradient, step, step_size());
  }
  if (!family_.parameters().allFinite()) {
    throw NumericalError(
        fmt::format("q diverged at iteration {}: its parameters are no longer finite; give a smaller "
                    "--step-size than {:g}",
                    t, step_size()));
  }
  const Vector moved = (family_.mean() - before.mean()).cwiseQuotient(before.deviations());
  Change change{.largest = moved.cwiseAbs().maxCoeff()};
  change.provisional = setback || t + 1 < trial_iterations() + 2 * settings_.window;
  if (in_trials(t) && (t + 1) % settings_.window == 0) end_trial(t);
  return change;
}

bool Advi::settle(Index t, double elbo, Index used) {
  const Index position = t % settings_.window;
  last_elbo_ = elbo;
  window_elbos_[position] = used > 0 ? elbo : std::numeric_limits<double>::lowest();
  if (position == 0) window_sum_.setZero();
  window_sum_ += family_.parameters();
  if (position + 1 < settings_.window || in_trials(t)) return false;

  const auto count = static_cast<double>(settings_.window);
  const auto [median, error] = middle(window_elbos_);
  const double doubt = 2 * std::hypot(error, best_error_);
  if (best_windows_ > 0 && median < best_elbo_ - 2 * doubt) {
    ++setbacks_;
    return true;
  }
  // A window in which q still moved has a large error, and gives way to calmer ones.
  const bool calmer = error < best_error_ / 2 && median > best_elbo_ - doubt;
  if (best_windows_ == 0 || calmer || median > best_elbo_ + 2 * error) {
    best_elbo_ = median;
    best_error_ = error;
    best_parameters_ = window_sum_ / count;
    best_windows_ = 1;
  } else if (median >= best_elbo_ - doubt) {
    const auto windows = static_cast<double>(++best_windows_);
    best_elbo_ += (median - best_elbo_) / windows;
    best_error_ += (error - best_error_) / windows;
    best_parameters_ += (window_sum_ / count - best_parameters_) / windows;
  }
  return false;
}

void Advi::end_trial(Index t) {
  const Index trial = t / settings_.window;
  const double elbo = middle(window_elbos_.tail(settings_.window - settings_.window / 2)).median;
  const bool astray = elbo < std::numeric_limits<double>::lowest() / 4;  // a median of which one was such
  if (!astray && (chosen_step_ == 0 || elbo > best_trial_elbo_)) {
    chosen_step_ = candidates(settings_)[static_cast<std::size_t>(trial)];
    best_trial_elbo_ = elbo;
  }
  family_ = first_;
  ascent_.restart();
  if (t + 1 == trial_iterations() && chosen_step_ == 0) {
    throw NumericalError(
        "no step size that was tried out kept q finite; scale the features, begin elsewhere (--start), or "
        "give a --step-size below 0.001");
  }
}

void Advi::describe(Archive& archive) {
  archive("q", family_.parameters());
  archive("q_first", first_.parameters());
  ascent_.describe(archive);
  archive("failed_draws", failed_draws_);
  archive("chosen_step", chosen_step_);
  archive("best_trial_elbo", best_trial_elbo_);
  archive("last_elbo", last_elbo_);
  archive("window_sum", window_sum_);
  archive("window_elbos", window_elbos_);
  archive("q_best", best_parameters_);
  archive("best_elbo", best_elbo_);
  archive("best_error", best_error_);
  archive("best_windows", best_windows_);
  archive("setbacks", setbacks_);
}

}  // namespace jensen::advi
