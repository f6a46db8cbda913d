#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/console.hpp"
#include "app/registry.hpp"
#include "compare.hpp"
#include "jensen/core/error.hpp"
#include "jensen/models/mixture/divergence.hpp"
#include "jensen/models/mixture/divergence_bounds.hpp"

namespace jensen::app {
namespace {

using mixture::Density;
using mixture::DivergenceBounds;
using mixture::DivergenceEstimates;
using mixture::DrawPlan;

constexpr Index kMostDraws = Index{1} << 40;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool is_gaussian(const Density& density) {
  return density.gaussians.size() > 0;
}

/// A t distribution without a variance is infinitely far from any Gaussian.
bool is_infinite(const Density& p, const Density& q) {
  return is_gaussian(q) && p.fewest_degrees <= 2;
}

DrawPlan plan_of(const CompareSettings& settings, const Unit& unit) {
  if (!(settings.standard_error > 0 && std::isfinite(settings.standard_error)))
    throw UsageError(fmt::format("standard-error = {} (must be positive)", settings.standard_error));
  if (settings.draws < 2 || settings.draws > kMostDraws)
    throw UsageError(fmt::format("draws = {} (must be 2 to {})", settings.draws, kMostDraws));
  if (settings.seed < 0) throw UsageError(fmt::format("seed = {} (must be 0 or more)", settings.seed));
  return {.standard_error = settings.standard_error * unit.nats, .most_draws = settings.draws};
}

DivergenceRow closed_form(const Density& p, const Density& q) {
  const auto kl = [](const Density& a, const Density& b) {
    const auto &f = a.gaussians, &g = b.gaussians;
    return gaussian_divergence(f.means.col(0) - g.means.col(0), f.root(0), g.root(0));
  };
  const double forward = kl(p, q), reverse = kl(q, p);
  return {.key = "closed_form",
          .label = "closed form",
          .kind = "exact",
          .values = {forward, reverse, forward + reverse, std::nullopt}};
}

/// Of what is judged by its precision; what is infinite is known to be.
DivergenceRow monte_carlo(const DivergenceEstimates& estimates, const DrawPlan& plan, bool single) {
  DivergenceRow row{.key = "monte_carlo", .label = "Monte Carlo", .kind = "estimate"};
  const std::array all = all_of(estimates);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (plan.judged[i]) {
      row.values[i] = all[i].value;
      row.standard_errors[i] = all[i].standard_error;
    } else if (!single) {
      row.values[i] = kInfinity;
    }
  }
  return row;
}

std::vector<DivergenceRow> bounds_of(const Density& p, const Density& q) {
  const DivergenceBounds there = bound_divergence(p.gaussians, q.gaussians);
  const DivergenceBounds back = bound_divergence(q.gaussians, p.gaussians);
  const auto row = [&](const char* key, const char* label, const char* kind,
                       double DivergenceBounds::*which) {
    return DivergenceRow{.key = key,
                         .label = label,
                         .kind = kind,
                         .values = {there.*which, back.*which, there.*which + back.*which, std::nullopt}};
  };
  return {row("variational_approximation", "variational", "approximation", &DivergenceBounds::variational),
          row("variational_upper_bound", "variational", "upper bound", &DivergenceBounds::variational_upper),
          row("lower_bound", "Durrieu et al.", "lower bound", &DivergenceBounds::lower),
          row("upper_bound", "Durrieu et al.", "upper bound", &DivergenceBounds::upper)};
}

/// What the tails of p's t distributions do to KL(p || q).
void add_tails(const char* p_name, const Density& p, const char* q_name, const Density& q,
               Comparison& comparison) {
  if (!is_gaussian(q) || !(p.fewest_degrees <= 4)) return;
  const bool infinite = p.fewest_degrees <= 2;
  comparison.line("tails",
                  fmt::format("{}KL({} || {}) is {}: {} has a t distribution of {:.3g} degrees of freedom,",
                              infinite ? "" : "the standard error of ", p_name, q_name,
                              infinite ? "infinite" : "not to be trusted", p_name, p.fewest_degrees));
  comparison.line(
      "", fmt::format("without a {}, and {} is Gaussian", infinite ? "variance" : "fourth moment", q_name));
}

void add_draws(const DivergenceEstimates& estimates, const DrawPlan& plan, const CompareSettings& settings,
               const Unit& unit, Comparison& comparison) {
  const bool reached = is_precise(estimates, plan);
  comparison.json["monte_carlo"] = {{"draws", estimates.draws},
                                    {"seed", settings.seed},
                                    {"standard_error_wanted", settings.standard_error},
                                    {"reached", reached}};
  comparison.line("draws", fmt::format("{} of each, seed {}", estimates.draws, settings.seed));
  if (reached)
    return comparison.line(
        "precision", fmt::format("standard errors are at most {:g}, as wanted", settings.standard_error));
  const double error = largest_error(estimates, plan), lacking = error / plan.standard_error;
  const double enough = static_cast<double>(estimates.draws) * lacking * lacking;
  comparison.line(
      "precision",
      fmt::format("NOT REACHED: a standard error is {:.2g}, not {:g}; about {:.2g} draws would do:",
                  unit.of(error), settings.standard_error, enough));
  comparison.line("", "give --draws, or a larger --standard-error");
}

/// Shows how far the draws are; in a log, each time that they are ten times as many.
DivergenceEstimates draw(const Density& p, const Density& q, const DrawPlan& plan, const Unit& unit,
                         ProgressStyle style, const Communicator& comm) {
  StatusLine status(style);
  Index next_line = 1'000'000;
  return estimate_divergences(p, q, plan, comm, [&](const DivergenceEstimates& now) {
    const std::string text = fmt::format("{} draws of each, standard error {:.2g}, {:.2g} wanted", now.draws,
                                         unit.of(largest_error(now, plan)), unit.of(plan.standard_error));
    if (style == ProgressStyle::lines && now.draws >= next_line) {
      status.keep(text);
      next_line = 10 * now.draws;
    } else {
      status.show(text);
    }
  });
}

Density read_density(const Document& document, Index seed) {
  return model_of(document)->density(document, static_cast<std::uint64_t>(seed));
}

}  // namespace

Comparison compare_models(const Document& p_file, const Document& q_file, const CompareSettings& settings,
                          const Unit& unit, const Communicator& comm) {
  DrawPlan plan = plan_of(settings, unit);
  const ProgressStyle style = progress_style(settings.progress);
  const Density p = read_density(p_file, settings.seed), q = read_density(q_file, settings.seed);
  const Index features = p.log_density.features();
  if (features != q.log_density.features()) {
    throw InputError(fmt::format("'{}' is of {} features and '{}' of {} (must be of the same features)",
                                 p_file.origin, features, q_file.origin, q.log_density.features()));
  }
  warn_of_names(feature_names_of(p_file, features), p_file.origin, feature_names_of(q_file, features),
                q_file.origin, comm);

  const bool forward_infinite = is_infinite(p, q), reverse_infinite = is_infinite(q, p);
  const bool single = p.gaussians.size() == 1 && q.gaussians.size() == 1;
  plan.judged = {!single && !forward_infinite, !single && !reverse_infinite,
                 !single && !forward_infinite && !reverse_infinite, true};
  const DivergenceEstimates estimates =
      draw(p, q, plan, unit, comm.is_root() ? style : ProgressStyle::none, comm);

  Comparison comparison;
  comparison.json = {
      {"p", p_file.origin}, {"q", q_file.origin}, {"features", features}, {"units", unit.name}};
  describe_model("p", p_file, comparison);
  describe_model("q", q_file, comparison);
  add_draws(estimates, plan, settings, unit, comparison);
  std::vector<DivergenceRow> rows;
  if (single) rows.push_back(closed_form(p, q));
  rows.push_back(monte_carlo(estimates, plan, single));
  if (is_gaussian(p) && is_gaussian(q) && !single) {
    for (DivergenceRow& row : bounds_of(p, q)) rows.push_back(std::move(row));
  }
  add_divergences(rows, unit, comparison);
  add_tails("p", p, "q", q, comparison);
  add_tails("q", q, "p", p, comparison);
  if (!is_gaussian(p) || !is_gaussian(q))
    comparison.line("bounds", "none: posterior predictive densities are mixtures of t distributions");
  if (single) comparison.line("components", "one of each: divergences are exact but for Jensen-Shannon");
  return comparison;
}

}  // namespace jensen::app
