#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jensen/fit/model.hpp"
#include "jensen/models/advi/ascent.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/family.hpp"

namespace jensen::advi {

/// How the gradient of the ELBO is estimated at the draws of q, zeta_s = mean + S noise_s.
enum class Estimator {
  reparameterised,  // that of log p there, and that of the entropy in closed form (Kucukelbir et al. 2017)
  sticking_the_landing  // that of log p - log q, q's own parameters held fixed: no noise where q is exact
                        // (Roeder, Wu and Duvenaud 2017)
};

/// Mini-batches of whole blocks of records.
struct BlockBatches {
  Index count = 1;  // of batches in an epoch
  Index block_rows = 1;
  std::uint64_t seed = 1;

  /// Whether iteration t looks at the block that begins with that record. Of each `count` neighbouring blocks
  /// it looks at one, and in an epoch of `count` iterations at each block once.
  bool contains(Index t, Index first_record) const;
};

struct Settings {
  Covariance covariance = Covariance::full_rank;
  Index rank = 1;  // of low_rank
  Index draws = 8;
  bool antithetic = true;  // draws come in pairs, noise and -noise; an even number of them
  Estimator estimator = Estimator::sticking_the_landing;
  StepRule step_rule = StepRule::natural;
  double step_size = 0;  // 0: the rule's own, or the best of several trials (adaptive, adam)
  Index window = 50;     // iterations that are averaged to judge and to settle
  BlockBatches batches = {};
  double total_weight = 0;  // of all records
  std::uint64_t seed = 1;
  Index components = 1;      // of the target, for files that are to be read again
  double most_failed = 0.5;  // share of an iteration's draws at which the target may be NaN
};

/// For each draw, the sum of the records' log-likelihoods and its gradient with respect to theta.
class Sums : public Statistics {
 public:
  Sums(Index draws, Index size) : Statistics(draws * (1 + size)), draws_(draws), size_(size) {}

  double value(Index s) const { return body()[static_cast<std::size_t>(s)]; }
  /// P numbers.
  Eigen::Map<const Vector> gradient(Index s) const { return {body().data() + draws_ + s * size_, size_}; }
  /// Adds what a target has left for each point.
  void add(const Points& values, const Points& gradients);

 private:
  Index draws_, size_;
};

/// Variational inference by automatic differentiation (Kucukelbir et al. 2017): q(zeta) is a normal over the
/// target's unconstrained parameters, and the ELBO E_q[log p(records, theta(zeta)) + log |det J| - log q] is
/// followed uphill by noisy gradients at draws of q. The draws of iteration t are a function of (seed, t), so
/// that every rank makes the same ones.
///
/// Where the step size is left open and the rule needs one, several are tried out first, a window each, from
/// the same start (the paper's section 2.6). In the end q is the mean of the parameters over those windows
/// whose ELBOs cannot be told from the best; one that falls behind beyond doubt is a setback: q goes on from
/// the best, in steps of half the size.
class Advi {
 public:
  using Block = ResponseBlock;
  using Sums = advi::Sums;
  struct Cache {};

  /// Begins with a narrow normal around the target's start. Throws UsageError where settings or that start
  /// cannot be, and InputError where its parameters or constraints cannot.
  Advi(std::shared_ptr<const Target> target, const Settings& settings);

  const Target& target() const { return *target_; }
  const std::shared_ptr<const Target>& shared_target() const { return target_; }
  const Settings& settings() const { return settings_; }
  /// q in the end.
  Family posterior() const;
  /// q at this iteration.
  const Family& family() const { return family_; }
  void set_family(const Family& family);

  /// Draws at which the target was NaN or infinite, so far; they were left out.
  Index failed_draws() const { return failed_draws_; }
  /// That is used now, or was chosen; half of it after each setback.
  double step_size() const;
  /// How often q went astray and was set back to the best so far.
  Index setbacks() const { return setbacks_; }
  /// Iterations before the one from which no more step sizes are tried out.
  Index trial_iterations() const;

  Sums make_sums() const { return Sums(settings_.draws, target_->size()); }
  void prepare(Index t);
  void local_step(const Block& block, Cache& cache, Sums& sums) const;
  /// The mean over draws of log p + log |det J| - log q: an estimate of the ELBO. Throws NumericalError where
  /// too many draws failed.
  double objective(const Sums& total) const;
  bool monotone() const { return false; }
  Change global_step(const Sums& total, Index t);

  void describe(Archive& archive);
  /// q under "/parameters": `q` (its parameters), unconstrained means and sds; family and rank.
  void save(Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of a fit.
  void require_valid() const;
  ObjectiveUnits units() const { return {"ELBO", "nats", 1, 0}; }

 private:
  double scale_of(const Sums& total) const;
  /// S: log p + log |det J| - log q of each draw; not finite where it failed.
  Vector log_ratios(const Sums& total) const;
  double mean_ratio(const Vector& ratios) const;
  Vector gradient_of(const Sums& total, const Vector& ratios, Index& used) const;
  /// Keeps the iteration's estimate, of so many draws; whether it was the last of a window that was a
  /// setback.
  bool settle(Index t, double elbo, Index used);
  void end_trial(Index t);
  bool in_trials(Index t) const { return t < trial_iterations(); }
  void require_enough(Index failed) const;

  std::shared_ptr<const Target> target_;
  Settings settings_;
  Family family_;
  Family first_;  // that trials begin with
  Ascent ascent_;
  Index failed_draws_ = 0;
  double chosen_step_ = 0;      // by trials; 0: not yet
  double best_trial_elbo_ = 0;  // with that
  double last_elbo_ = 0;        // estimate of the iteration before
  Vector window_sum_;           // of the parameters of q over the current window
  Vector window_elbos_;         // estimates over it
  Vector best_parameters_;      // mean over the best windows
  double best_elbo_ = 0;        // mean of their medians
  double best_error_ = 0;       // mean of the standard errors of these
  Index best_windows_ = 0;      // how many they are; 0: none is complete
  Index setbacks_ = 0;          // windows that fell behind the best beyond doubt

  // Derived by prepare():
  Index t_ = 0;
  std::vector<Vector> noise_;
  DensityAt density_;

  struct Work {
    Points values, gradients;
  };
  std::shared_ptr<Work> work_;  // of local steps; keeps nothing from one to the next
};

static_assert(Model<Advi>);

}  // namespace jensen::advi
