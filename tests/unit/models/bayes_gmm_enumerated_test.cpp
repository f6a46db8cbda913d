// So few records that all ways to give them components can be enumerated: log p(X), the posterior and
// KL(q ‖ p) are exact then, and the ELBO is what remains.
#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using boost::math::digamma;

namespace {

const Communicator kSerial;
constexpr double kConcentration = 0.8, kMeanPrecision = 0.6, kDegrees = 2.5;

/// Normal-Wishart of one feature: lambda ~ Gamma(nu / 2, rate / 2), mu ~ N(mean, 1 / (beta lambda)).
struct NormalGamma {
  double mean, beta, nu, rate;

  double log_normaliser() const {
    return std::lgamma(nu / 2) - nu / 2 * std::log(rate / 2) - 0.5 * std::log(beta);
  }
};

double divergence(const NormalGamma& q, const NormalGamma& p) {
  const double shift = q.mean - p.mean, a = q.nu / 2, b = p.nu / 2;
  const double of_mean =
      0.5 * (std::log(q.beta / p.beta) + p.beta / q.beta - 1 + p.beta * q.nu / q.rate * shift * shift);
  const double of_precision = (a - b) * digamma(a) - std::lgamma(a) + std::lgamma(b) +
                              b * std::log(q.rate / p.rate) + a * (p.rate - q.rate) / q.rate;
  return of_mean + of_precision;
}

double log_beta(const Vector& a) {
  double sum = -std::lgamma(a.sum());
  for (const double value : a) sum += std::lgamma(value);
  return sum;
}

double dirichlet_divergence(const Vector& a, const Vector& b) {
  double sum = log_beta(b) - log_beta(a);
  for (Index k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (digamma(a[k]) - digamma(a.sum()));
  return sum;
}

/// A mixture of K components of independent features, records N x D about the prior mean 0.
struct Enumerated {
  RowMatrix records;
  Index components;
  Vector prior_rates;  // D: W_0^-1

  NormalGamma prior(Index d) const { return {0, kMeanPrecision, kDegrees, prior_rates[d]}; }

  /// Of feature d, given the records of one component.
  NormalGamma posterior(const std::vector<Index>& z, Index k, Index d) const {
    double count = 0, sum = 0, squares = 0;
    for (Index n = 0; n < records.rows(); ++n) {
      if (z[static_cast<std::size_t>(n)] != k) continue;
      count += 1, sum += records(n, d), squares += records(n, d) * records(n, d);
    }
    const double beta = kMeanPrecision + count;
    return {sum / beta, beta, kDegrees + count, prior_rates[d] + squares - sum * sum / beta};
  }

  Vector sizes(const std::vector<Index>& z) const {
    Vector counts = Vector::Zero(components);
    for (const Index k : z) counts[k] += 1;
    return counts;
  }

  Vector flat() const { return Vector::Constant(components, kConcentration); }

  /// log p(X, z), the parameters integrated out.
  double log_joint(const std::vector<Index>& z) const {
    double sum = log_beta(flat() + sizes(z)) - log_beta(flat());
    for (Index k = 0; k < components; ++k) {
      for (Index d = 0; d < records.cols(); ++d)
        sum += posterior(z, k, d).log_normaliser() - prior(d).log_normaliser();
    }
    return sum - 0.5 * static_cast<double>(records.size()) * std::log(2 * std::numbers::pi);
  }

  template <class Visit>
  void for_each(Visit visit) const {
    std::vector<Index> z(static_cast<std::size_t>(records.rows()), 0);
    for (;;) {
      visit(z);
      std::size_t i = 0;
      while (i < z.size() && ++z[i] == components) z[i++] = 0;
      if (i == z.size()) return;
    }
  }

  double log_evidence() const {
    std::vector<double> all;
    for_each([&](const std::vector<Index>& z) { all.push_back(log_joint(z)); });
    const double largest = *std::max_element(all.begin(), all.end());
    double sum = 0;
    for (const double value : all) sum += std::exp(value - largest);
    return largest + std::log(sum);
  }

  /// KL(q ‖ p(z, parameters | X)) = KL(q(z) ‖ p(z | X)) + E_q(z)[KL(q(parameters) ‖ p(parameters | z, X))].
  double divergence_of(const bayes_gmm::BayesianMixture& model, const Matrix& r) const {
    const double evidence = log_evidence();
    double sum = 0;
    for_each([&](const std::vector<Index>& z) {
      double log_q = 0;
      for (std::size_t n = 0; n < z.size(); ++n) log_q += std::log(r(static_cast<Index>(n), z[n]));
      double of_parameters = dirichlet_divergence(flat() + model.sizes(), flat() + sizes(z));
      for (Index k = 0; k < components; ++k) {
        const double nu = model.degrees_of_freedom(k);
        const Vector variances = model.covariances().variances(k);
        for (Index d = 0; d < records.cols(); ++d) {
          of_parameters += divergence({model.means()(k, d), model.mean_precision(k), nu, nu * variances[d]},
                                      posterior(z, k, d));
        }
      }
      sum += std::exp(log_q) * (log_q - (log_joint(z) - evidence) + of_parameters);
    });
    return sum;
  }
};

}  // namespace

TEST_CASE("log p(X) = ELBO + KL to rounding, for so few records that the posterior can be enumerated") {
  const Index d = GENERATE(1, 2);
  const Index components = GENERATE(1, 2, 3);
  const test::Problem problem(2 * test::normal_records(7, d, 11), kSerial);
  const auto& family = mixture::find_family("VVI", d);
  const DenseShard shard = problem.in(family.scaling);
  const test::WholeBlock block(shard);
  Enumerated exact{block->records, components, Vector(d)};
  for (Index i = 0; i < d; ++i) exact.prior_rates[i] = 0.7 + static_cast<double>(i);
  const double evidence = exact.log_evidence();
  for (const Index iterations : {0, 1, 50}) {
    INFO(d << " features, " << components << " components, " << iterations << " iterations");
    bayes_gmm::BayesianMixture model({.family = &family,
                                      .components = components,
                                      .concentration = kConcentration,
                                      .mean_precision = kMeanPrecision,
                                      .degrees_of_freedom = kDegrees},
                                     problem.summary, shard.transform());
    model.set_prior_covariance(exact.prior_rates.asDiagonal());
    start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& some, Index, Matrix& r) {
      draw_responsibilities(some, 6, r);
    });
    const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = iterations}});
    Matrix r;
    Eigen::ArrayXd log_sum;
    model.responsibilities(*block, r, log_sum);
    const double kl = exact.divergence_of(model, r), elbo = result.progress.objective();
    CHECK((components == 1 ? std::abs(kl) < 1e-12 : kl > 0.01));
    CHECK(elbo <= evidence + 1e-12);
    CHECK(elbo + kl == Approx(evidence).epsilon(1e-12));
  }
}
