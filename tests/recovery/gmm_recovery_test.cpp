#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/models/gmm/method.hpp"
#include "jensen/models/gmm/start.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/restarts.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
constexpr Index kRecords = 6000;

/// K components on a circle, about five sds apart, with covariances of the family.
test::TrueMixture truth_of(const std::string& family, Index k, Index d, std::uint64_t seed) {
  test::TrueMixture truth{Vector::LinSpaced(k, 1, 2), RowMatrix::Zero(k, d), {}};
  truth.weights /= truth.weights.sum();
  const double radius = 2.5 / std::sin(std::numbers::pi / static_cast<double>(k));
  for (Index c = 0; c < k; ++c) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(c) / static_cast<double>(k);
    truth.means(c, 0) = 100 + radius * std::cos(angle);
    truth.means(c, 1) = radius * std::sin(angle);
    const std::uint64_t own = family[0] == 'E' ? seed : seed + static_cast<std::uint64_t>(c);
    const double volume =
        family[0] == 'E' ? 1.0 : 1.0 - 0.5 * static_cast<double>(c) / static_cast<double>(k);
    Matrix sigma = test::random_covariance(d, 8, own);
    if (family[2] == 'I') sigma = Matrix(sigma.diagonal().asDiagonal());
    if (family[1] == 'I') sigma = Matrix::Identity(d, d);
    truth.covariances.push_back(volume * sigma);
  }
  return truth;
}

double log_likelihood_of(const GaussianMixture& model, const DenseShard& shard) {
  return test::pass(model, shard).objective();
}

}  // namespace

TEST_CASE("Mixtures are recovered within standard errors from a k-means start") {
  const auto family = GENERATE(as<std::string>(), "VVV", "EEE", "VVI", "VII", "EII");
  const auto [k, d] =
      GENERATE(std::pair<Index, Index>{3, 2}, std::pair<Index, Index>{4, 5}, std::pair<Index, Index>{5, 8});
  INFO(family << ", K = " << k << ", D = " << d);
  const test::TrueMixture truth = truth_of(family, k, d, 17);
  const test::Sample sample = test::draw(truth, kRecords, 18);
  const test::Problem problem(sample.records, kSerial);
  const gmm::Options options{.covariance = family};
  const DenseShard shard = problem.in(mixture::find_family(family, d).scaling);
  const auto start = [&, components = k](Index, std::uint64_t seed) {
    GaussianMixture model = gmm::Method::make(options, components, problem.summary, shard.transform(), seed);
    gmm::start(model, {.kind = StartKind::kmeans,
                       .seed = seed,
                       .components = components,
                       .shard = shard,
                       .summary = problem.summary,
                       .comm = kSerial});
    return model;
  };
  const auto fits = test::fit_best_of<GaussianMixture>(
      5, 1, start, shard, kSerial, {.max_iterations = 500, .gain_per_weight = 1e-9, .strict = true});
  const GaussianMixture& model = fits.best.model;
  REQUIRE(is_converged(fits.best.result.stopped));
  CHECK_FALSE(model.singular());

  const Vector& scale = shard.transform().scale;
  const RowMatrix means = shard.transform().to_original(model.means());
  for (Index c = 0; c < k; ++c) {
    Index own = 0;
    (means.rowwise() - truth.means.row(c)).rowwise().squaredNorm().minCoeff(&own);
    const double size = kRecords * truth.weights[c];
    CHECK(std::abs(model.weights()[own] - truth.weights[c]) <
          5 * std::sqrt(truth.weights[c] * (1 - truth.weights[c]) / kRecords));
    const Matrix& sigma = truth.covariances[static_cast<std::size_t>(c)];
    const Matrix fitted = scale.cwiseInverse().asDiagonal() *
                          model.covariances().dense(model.covariances().column(own)) *
                          scale.cwiseInverse().asDiagonal();
    for (Index i = 0; i < d; ++i) {
      CHECK(std::abs(means(own, i) - truth.means(c, i)) < 5 * std::sqrt(sigma(i, i) / size));
      for (Index j = i; j < d; ++j) {
        const double error = std::sqrt((sigma(i, i) * sigma(j, j) + sigma(i, j) * sigma(i, j)) / size);
        CHECK(std::abs(fitted(i, j) - sigma(i, j)) < 5.5 * error);
      }
    }
  }

  // Wilks: twice the log-likelihood above that of the truth is chi-squared, a degree for each free parameter.
  GaussianMixture at_truth(gmm::make_settings(options, k, d), problem.summary, shard.transform(), 1);
  std::vector<Matrix> covariances;
  for (const Matrix& sigma : truth.covariances)
    covariances.push_back(scale.asDiagonal() * sigma * scale.asDiagonal());
  at_truth.set_parameters(truth.weights, shard.transform().to_internal(truth.means), covariances);
  at_truth.prepare(0);
  const double twice = 2 * (log_likelihood_of(model, shard) - log_likelihood_of(at_truth, shard));
  const auto degrees = static_cast<double>(model.free_parameters());
  CHECK(twice > std::max(0.0, degrees - 4.5 * std::sqrt(2 * degrees)));
  CHECK(twice < degrees + 6 * std::sqrt(2 * degrees));
}
