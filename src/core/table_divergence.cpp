#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/divergence.hpp"
#include "jensen/core/error.hpp"

namespace jensen {
namespace {

/// p log(p/q) - p + q: never negative, and the same sum over all outcomes. Where p and q are close it is
/// taken from log(1 + x) - x, x = (q - p) / p, so that no digit cancels.
double divergence_of(double p, double q) {
  if (p == 0) return q;
  if (q == 0) return std::numeric_limits<double>::infinity();
  const double x = (q - p) / p;
  if (std::abs(x) < 0.5) return -p * boost::math::log1pmx(x);
  return p * (std::log(p) - std::log(q)) + (q - p);
}

double divergence_of(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += divergence_of(p[i], q[i]);
  return sum;
}

struct Tables {
  std::vector<double> p, q;

  Tables(std::span<const double> p_table, std::span<const double> q_table)
      : p(normalised_table(p_table, "p")), q(normalised_table(q_table, "q")) {
    if (p.size() == q.size()) return;
    throw InputError(
        fmt::format("p has {} outcomes and q has {} (must be as many: both are tables over the same "
                    "outcomes)",
                    p.size(), q.size()));
  }
};

}  // namespace

std::vector<double> normalised_table(std::span<const double> table, const char* name) {
  if (table.empty())
    throw InputError(fmt::format("the table {} is empty (must have at least one outcome)", name));
  double sum = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!(table[i] >= 0 && std::isfinite(table[i]))) {
      throw InputError(
          fmt::format("entry {} of the table {} is {} (must be 0 or more, and finite)", i, name, table[i]));
    }
    sum += table[i];
  }
  if (!(std::abs(sum - 1) <= kTableTolerance)) {
    throw InputError(fmt::format("the table {} adds up to {} (must be 1, within {:g}); divide it by its sum",
                                 name, sum, kTableTolerance));
  }
  std::vector<double> normalised(table.begin(), table.end());
  for (double& entry : normalised) entry /= sum;
  return normalised;
}

double kl_divergence(std::span<const double> p, std::span<const double> q) {
  const Tables tables(p, q);
  return divergence_of(tables.p, tables.q);
}

double symmetrised_divergence(std::span<const double> p, std::span<const double> q) {
  return kl_divergence(p, q) + kl_divergence(q, p);
}

double jensen_shannon_divergence(std::span<const double> p, std::span<const double> q) {
  const Tables tables(p, q);
  double sum = 0;
  for (std::size_t i = 0; i < tables.p.size(); ++i) {
    const double middle = 0.5 * tables.p[i] + 0.5 * tables.q[i];
    sum += 0.5 * (divergence_of(tables.p[i], middle) + divergence_of(tables.q[i], middle));
  }
  return sum;
}

double kl_divergence(const Multinomial& p, const Multinomial& q) {
  if (p.trials < 0 || q.trials < 0)
    throw InputError(fmt::format("trials = {} (must be 0 or more)", std::min(p.trials, q.trials)));
  const double one = kl_divergence(std::span<const double>(p.probabilities), q.probabilities);
  if (p.trials != q.trials)
    return std::numeric_limits<double>::infinity();  // no count is possible under both
  return p.trials == 0 ? 0 : static_cast<double>(p.trials) * one;
}

}  // namespace jensen
