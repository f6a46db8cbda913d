#include "decomposition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "jensen/core/error.hpp"
#include "jensen/core/table.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

const std::string kGroup = "/fit/decomposition/";

/// A column of E-steps or M-steps. Throws InputError where it has not a number for each step of the fit.
template <class T = double>
std::vector<T> column_of(const Document& document, const std::string& step, const char* name) {
  const std::string path = kGroup + step + "/" + name;
  const Index steps = document.integer_attribute("/fit", "iteration") + (step == "e_step" ? 1 : 0);
  const auto* values = std::get_if<std::vector<T>>(&document.array(path).values);
  if (values == nullptr || static_cast<Index>(values->size()) != steps)
    throw InputError(
        fmt::format("'{}' does not have {} numbers (must have, one for each step)", path, steps));
  return *values;
}

Vector vector_of(const Document& document, const std::string& step, const char* name) {
  const std::vector<double> values = column_of(document, step, name);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

/// The decomposition after E-steps or M-steps.
struct Steps {
  Steps(const Document& document, const std::string& step)
      : log_likelihood(vector_of(document, step, "log_likelihood")),
        elbo(vector_of(document, step, "elbo")),
        kl(vector_of(document, step, "kl_divergence")),
        expected(vector_of(document, step, "expected_log_joint")),
        entropy(vector_of(document, step, "entropy")) {}

  /// What is left of the identity.
  double largest_error() const {
    if (elbo.size() == 0) return 0;
    return (log_likelihood - elbo - kl).cwiseAbs().maxCoeff();
  }
  double largest() const {
    if (elbo.size() == 0) return 0;
    return std::max(log_likelihood.cwiseAbs().maxCoeff(), elbo.cwiseAbs().maxCoeff());
  }

  Vector log_likelihood, elbo, kl, expected, entropy;
};

/// What M-steps gained.
struct Gains {
  explicit Gains(const Document& document)
      : log_likelihood(vector_of(document, "m_step", "log_likelihood_gain")),
        expected(vector_of(document, "m_step", "expected_log_joint_gain")),
        kl(vector_of(document, "m_step", "kl_divergence_gain")),
        rounding(vector_of(document, "m_step", "rounding")),
        exempt(column_of<std::int64_t>(document, "m_step", "exempt")) {}

  bool is_exempt(Index step) const { return exempt[static_cast<std::size_t>(step)] != 0; }
  bool fell(Index step) const { return !is_exempt(step) && !(expected[step] >= -rounding[step]); }

  Vector log_likelihood, expected, kl, rounding;
  std::vector<std::int64_t> exempt;
};

std::string ascent_of(Index steps, Index falls, bool point_mass) {
  if (falls > 0)
    return fmt::format("Q fell beyond rounding in {} of {} M-steps, against theory", falls, steps);
  return fmt::format("Q never fell in {} M-steps; {}", steps,
                     point_mass ? "the ELBO ascends, log p need not" : "as KL >= 0, nor did log p");
}

bool is_point_mass(const Document& document) {
  return document.text_attribute("/fit/decomposition", "q") == "point mass";
}

}  // namespace

bool has_decomposition(const Document& document) {
  return document.has(kGroup + "e_step/log_likelihood");
}

std::string decomposition_tables(const Document& document) {
  const Steps e(document, "e_step"), m(document, "m_step");
  const Gains gains(document);
  const double largest = std::max({e.largest(), m.largest(), 1.0});
  const int decimals = std::clamp(14 - static_cast<int>(std::ceil(std::log10(largest))), 3, 9);
  const auto number = [&](double value) { return fmt::format("{:.{}f}", value, decimals); };
  Table parts{{"step", "log p", "= ELBO", "+ KL", "Q", "entropy of q"}, {}};
  const auto add = [&](const std::string& name, const Steps& steps, Index i) {
    parts.rows.push_back({name, number(steps.log_likelihood[i]), number(steps.elbo[i]), number(steps.kl[i]),
                          number(steps.expected[i]), number(steps.entropy[i])});
  };
  Table ascent{{"M-step", "gain of log p", "= of Q", "+ of KL"}, {}};
  for (Index t = 0; t < e.elbo.size(); ++t) {
    if (t > 0) {
      add(fmt::format("M {}", t), m, t - 1);
      const auto gain = [](double value) { return fmt::format("{:#.9g}", value); };
      ascent.rows.push_back({fmt::format("{}{}", t, gains.is_exempt(t - 1) ? "*" : ""),
                             gain(gains.log_likelihood[t - 1]), gain(gains.expected[t - 1]),
                             gain(gains.kl[t - 1])});
    }
    add(fmt::format("E {}", t), e, t);
  }
  std::string text =
      fmt::format("EM by its steps, nats: E t makes q {}, M t the parameters of iteration t\n\n{}",
                  is_point_mass(document) ? "a point mass" : "the posterior", render(parts, {.rows = 40}));
  if (!ascent.rows.empty()) text += "\n" + render(ascent, {.rows = 20});
  return text;
}

std::string decomposition_summary(const Document& document) {
  const Steps e(document, "e_step"), m(document, "m_step");
  const Gains gains(document);
  const Index steps = gains.expected.size();
  Index exempt = 0, falls = 0;
  for (Index t = 0; t < steps; ++t) {
    exempt += gains.is_exempt(t) ? 1 : 0;
    falls += gains.fell(t) ? 1 : 0;
  }
  const auto line = [](const char* label, const std::string& text) {
    return fmt::format("{:<24}{}\n", label, text);
  };
  std::string text = line("log p = ELBO + KL",
                          fmt::format("to {:.1e} nats after {} E-steps and {} M-steps",
                                      std::max(e.largest_error(), m.largest_error()), e.elbo.size(), steps));
  if (steps > 0) text += line("ascent", ascent_of(steps - exempt, falls, is_point_mass(document)));
  if (exempt > 0)
    text += line("  exempt", fmt::format("{} M-steps (*): with a repair, or in single precision", exempt));
  return text;
}

std::string check_decomposition(const Document& document) {
  constexpr double kTolerance = 1e-9;  // relative
  const Steps e(document, "e_step"), m(document, "m_step");
  const Gains gains(document);
  const double error = std::max(e.largest_error(), m.largest_error());
  const double largest = std::max({e.largest(), m.largest(), 1.0});
  if (!(error <= kTolerance * largest)) {
    throw InputError(fmt::format(
        "log p and ELBO + KL in '/fit/decomposition' differ by up to {:g} nats (must be the same)", error));
  }
  return fmt::format("q is {}: log p = ELBO + KL to {:.1e} nats in all steps",
                     is_point_mass(document) ? "a point mass" : "the posterior", error);
}

Json decomposition_json(const Document& document) {
  Json json = attributes_json(document, "/fit/decomposition");
  for (const auto& [path, array] : document.arrays()) {
    if (!path.starts_with(kGroup)) continue;
    const std::string name = path.substr(kGroup.size());
    const auto slash = name.find('/');
    std::visit([&](const auto& values) { json[name.substr(0, slash)][name.substr(slash + 1)] = values; },
               array.values);
  }
  return json;
}

}  // namespace jensen::app
