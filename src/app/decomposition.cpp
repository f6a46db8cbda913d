#include "decomposition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "jensen/core/table.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

const std::string kGroup = "/fit/decomposition/";

/// The columns of an E-step or M-step.
struct Steps {
  Steps(const Document& document, const std::string& step)
      : log_likelihood(document.vector(kGroup + step + "/log_likelihood")),
        elbo(document.vector(kGroup + step + "/elbo")),
        kl(document.vector(kGroup + step + "/kl_divergence")),
        expected(document.vector(kGroup + step + "/expected_log_joint")),
        entropy(document.vector(kGroup + step + "/entropy")) {}

  /// What is left of the identity.
  double largest_error() const {
    if (elbo.size() == 0) return 0;
    return (log_likelihood - elbo - kl).cwiseAbs().maxCoeff();
  }
  double largest() const {
    return elbo.size() == 0 ? 0 : std::max(log_likelihood.cwiseAbs().maxCoeff(), elbo.cwiseAbs().maxCoeff());
  }

  Vector log_likelihood, elbo, kl, expected, entropy;
};

/// What M-steps gained.
struct Gains {
  explicit Gains(const Document& document)
      : log_likelihood(document.vector(kGroup + "m_step/log_likelihood_gain")),
        expected(document.vector(kGroup + "m_step/expected_log_joint_gain")),
        kl(document.vector(kGroup + "m_step/kl_divergence_gain")),
        rounding(document.vector(kGroup + "m_step/rounding")),
        exempt(std::get<std::vector<std::int64_t>>(document.array(kGroup + "m_step/exempt").values)) {}

  bool is_exempt(Index step) const { return exempt[static_cast<std::size_t>(step)] != 0; }

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
  Index exempt = 0, falls = 0, steps = gains.expected.size();
  for (Index t = 0; t < steps; ++t) {
    if (gains.is_exempt(t)) {
      ++exempt;
    } else if (!(gains.expected[t] >= -gains.rounding[t])) {
      ++falls;
    }
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
