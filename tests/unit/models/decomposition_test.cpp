#include "jensen/fit/decomposed.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/kmeans/hard_mixture.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

/// What a decomposed fit wrote.
struct Steps {
  Document document;

  Vector values(const std::string& name) const { return document.vector("/fit/decomposition/" + name); }
  std::vector<std::int64_t> exempt() const {
    return std::get<std::vector<std::int64_t>>(document.array("/fit/decomposition/m_step/exempt").values);
  }
};

/// Fits to the end, from the first parameters that the model has.
template <class M>
struct DecomposedFit {
  Decomposed<M> model;
  FitResult result;
  Steps steps = {};

  DecomposedFit(M start, const DenseShard& shard, const Stopping& stopping) : model(std::move(start)) {
    result = fit(model, shard, kSerial, {.stopping = stopping});
    model.record_decomposition(shard, kSerial, steps.document);
  }
};

/// log p = ELBO + KL after each step, and each M-step's gain of log p is that of Q and of KL.
void require_identity(const Steps& steps, double rounding) {
  for (const std::string step : {"e_step", "m_step"}) {
    const Vector log_p = steps.values(step + "/log_likelihood"), elbo = steps.values(step + "/elbo"),
                 kl = steps.values(step + "/kl_divergence");
    CHECK((log_p - elbo - kl).lpNorm<Eigen::Infinity>() < rounding);
    CHECK((steps.values(step + "/expected_log_joint") + steps.values(step + "/entropy") - elbo)
              .lpNorm<Eigen::Infinity>() < rounding);
    CHECK(kl.minCoeff() >= 0);
  }
  const Vector gain = steps.values("m_step/log_likelihood_gain");
  CHECK((gain - steps.values("m_step/expected_log_joint_gain") - steps.values("m_step/kl_divergence_gain"))
            .lpNorm<Eigen::Infinity>() < rounding);
  const Vector log_p = steps.values("e_step/log_likelihood");
  CHECK((log_p.tail(gain.size()) - log_p.head(gain.size()) - gain).lpNorm<Eigen::Infinity>() < rounding);
}

/// Q gains in each M-step, up to rounding, but for those exempt; returns how many these are.
Index require_ascent(const Steps& steps) {
  const Vector gain = steps.values("m_step/expected_log_joint_gain"),
               rounding = steps.values("m_step/rounding");
  const auto exempt = steps.exempt();
  REQUIRE(static_cast<Index>(exempt.size()) == gain.size());
  Index count = 0;
  for (Index t = 0; t < gain.size(); ++t) {
    if (exempt[static_cast<std::size_t>(t)] != 0) {
      ++count;
    } else {
      INFO("M-step " << t + 1);
      CHECK(gain[t] >= -rounding[t]);
    }
  }
  return count;
}

test::Sample overlapping(Index records, Index features, std::uint64_t seed) {
  test::TrueMixture truth{Eigen::Vector3d(.5, .3, .2), 2 * test::normal_records(3, features, seed), {}};
  for (std::uint64_t k = 0; k < 3; ++k) {
    truth.covariances.push_back(std::pow(4.0, static_cast<double>(k) - 1) *
                                test::random_covariance(features, 20, seed + 10 + k));
  }
  return test::draw(truth, records, seed);
}

std::vector<double> some_weights(Index records) {
  std::vector<double> weights;
  for (Index n = 0; n < records; ++n)
    weights.push_back(n % 7 == 3 ? 0 : 0.3 + static_cast<double>(n % 5) / 3);
  return weights;
}

/// A mixture after one M-step from random responsibilities.
gmm::GaussianMixture started(const gmm::Settings& settings, const test::Problem& problem,
                             const DenseShard& shard, std::uint64_t seed) {
  gmm::GaussianMixture model(settings, problem.summary, shard.transform(), seed);
  start_from_responsibilities(model, shard, kSerial, [&](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, seed, r);
  });
  return model;
}

/// The decomposed fit is the fit without; both from the same start.
template <class M>
void require_same_fit(M model, const DenseShard& shard, const Stopping& stopping,
                      DecomposedFit<M>& decomposed) {
  const FitResult plain = fit(model, shard, kSerial, {.stopping = stopping});
  CHECK(plain.progress.objectives == decomposed.result.progress.objectives);
  CHECK(plain.progress.changes == decomposed.result.progress.changes);
  CHECK(plain.stopped == decomposed.result.stopped);
  CHECK(save_state(model) == save_state(decomposed.model.model()));
}

}  // namespace

TEST_CASE(
    "Random fits of every family: the identity to rounding, ascent of Q, and the bits of the plain fit") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double floor = GENERATE(0.0, 0.1);
  const bool weighted = GENERATE(false, true);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Index features = 1 + static_cast<Index>(seed) % 4, components = floor > 0 ? 4 : 2;
    INFO(family << ", floor " << floor << ", weighted " << weighted << ", seed " << seed);
    const std::vector<double> weights = weighted ? some_weights(200) : std::vector<double>();
    const test::Problem problem(overlapping(200, features, seed).records, kSerial, weights);
    const gmm::Settings settings{.family = &mixture::find_family(family, features),
                                 .components = components,
                                 .covariance_floor = floor};
    const DenseShard shard = problem.in(settings.family->scaling);
    const gmm::GaussianMixture start = started(settings, problem, shard, seed);
    const Stopping stopping{.max_iterations = 40};
    DecomposedFit decomposed(start, shard, stopping);
    require_identity(decomposed.steps, 2e-10);
    CHECK(require_ascent(decomposed.steps) == decomposed.result.progress.repaired_steps);
    CHECK(decomposed.steps.values("e_step/kl_divergence").isZero(0));
    CHECK(decomposed.steps.values("e_step/elbo").size() == decomposed.result.progress.t + 1);
    const double end = decomposed.model.units().reported(decomposed.result.progress.objective(),
                                                         decomposed.result.progress.weight);
    CHECK(decomposed.steps.values("e_step/log_likelihood").tail(1)[0] == Approx(end).epsilon(1e-13));
    require_same_fit(start, shard, stopping, decomposed);
  }
}

TEST_CASE("Equal weights and a fixed variance ascend too") {
  const test::Problem problem(overlapping(200, 3, 9).records, kSerial);
  const gmm::Settings settings{.family = &mixture::find_family("EII", 3),
                               .components = 3,
                               .equal_weights = true,
                               .fixed_variance = 0.7};
  const DenseShard shard = problem.in(settings.family->scaling);
  const DecomposedFit decomposed(started(settings, problem, shard, 2), shard, {.max_iterations = 100});
  require_identity(decomposed.steps, 1e-10);
  CHECK(require_ascent(decomposed.steps) == 0);
}

TEST_CASE("One component: no KL, no entropy, and the second M-step gains nothing") {
  const test::Problem problem(overlapping(50, 2, 3).records, kSerial);
  const gmm::Settings settings{.family = &mixture::find_family("VVV", 2), .components = 1};
  const DenseShard shard = problem.in(settings.family->scaling);
  const DecomposedFit decomposed(started(settings, problem, shard, 2), shard, {.max_iterations = 3});
  require_identity(decomposed.steps, 1e-12);
  CHECK(decomposed.steps.values("m_step/kl_divergence").isZero(0));
  CHECK(decomposed.steps.values("m_step/entropy").isZero(0));
  CHECK(decomposed.steps.values("m_step/expected_log_joint_gain").lpNorm<Eigen::Infinity>() < 1e-11);
}

TEST_CASE("A fit without steps has the decomposition of its start alone") {
  const test::Problem problem(overlapping(50, 2, 3).records, kSerial);
  const gmm::Settings settings{.family = &mixture::find_family("VVV", 2), .components = 2};
  const DenseShard shard = problem.in(settings.family->scaling);
  const DecomposedFit decomposed(started(settings, problem, shard, 2), shard, {.max_iterations = 0});
  CHECK(decomposed.steps.values("e_step/elbo").size() == 1);
  CHECK(decomposed.steps.values("m_step/elbo").size() == 0);
}

TEST_CASE("A repaired M-step is exempt, and says so") {
  RowMatrix rows = test::normal_records(100, 2, 3);
  rows.bottomRows(40).array() += 20;
  const test::Problem problem(rows, kSerial);
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  gmm::GaussianMixture model({.family = &mixture::find_family(family, 2), .components = 3}, problem.summary,
                             problem.shard.transform(), 1);
  RowMatrix means = RowMatrix::Constant(3, 2, 1e4);
  means.row(0).setZero();
  means.row(1).setConstant(20);
  model.set_parameters(Vector::Constant(3, 1.0 / 3), means, {Matrix::Identity(2, 2)});
  DecomposedFit decomposed(model, problem.shard, {.max_iterations = 20});
  CHECK(decomposed.steps.exempt()[0] == 1);
  CHECK(require_ascent(decomposed.steps) == decomposed.result.progress.repaired_steps);
  require_identity(decomposed.steps, 1e-9);
  require_same_fit(model, problem.shard, {.max_iterations = 20}, decomposed);
}

TEST_CASE("Steps in single precision are exempt, and the identity holds for them too") {
  const auto family = GENERATE(as<const char*>(), "VVI", "VII", "EII");
  INFO(family);
  const test::Problem problem(overlapping(300, 3, 4).records, kSerial);
  const gmm::Settings settings{
      .family = &mixture::find_family(family, 3), .components = 3, .arithmetic = Arithmetic::float32};
  const DenseShard shard = problem.in(settings.family->scaling);
  const gmm::GaussianMixture start = started(settings, problem, shard, 3);
  const Stopping stopping{.max_iterations = 200, .gain_per_weight = 1e-9};
  DecomposedFit decomposed(start, shard, stopping);
  const Index exempt = require_ascent(decomposed.steps);
  CHECK(exempt > 0);
  CHECK(exempt < decomposed.result.progress.t);
  require_identity(decomposed.steps, 1e-10);
  require_same_fit(start, shard, stopping, decomposed);
}

TEST_CASE("Quadratic forms about the origin or about the mean: the same decomposition") {
  const test::Problem problem(overlapping(200, 3, 8).records, kSerial);
  Vector gains[2];
  for (const double limit : {0.0, 4e6}) {
    const gmm::Settings settings{
        .family = &mixture::find_family("VVV", 3), .components = 3, .expansion_limit = limit};
    const DenseShard shard = problem.in(settings.family->scaling);
    const DecomposedFit decomposed(started(settings, problem, shard, 2), shard, {.max_iterations = 20});
    require_identity(decomposed.steps, 1e-10);
    require_ascent(decomposed.steps);
    gains[limit > 0] = decomposed.steps.values("m_step/kl_divergence");
  }
  CHECK((gains[0] - gains[1]).lpNorm<Eigen::Infinity>() < 1e-9);
}

TEST_CASE("k-means is hard EM: its ELBO is that of the inertia, and no step lowers it") {
  const double fixed = GENERATE(0.0, 0.8);
  const bool weighted = GENERATE(false, true);
  const Scaling scaling = GENERATE(Scaling::common, Scaling::per_feature);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("fixed variance " << fixed << ", weighted " << weighted << ", seed " << seed);
    const RowMatrix rows = (37 * overlapping(200, 3, seed).records).array() + 500;
    const std::vector<double> weights = weighted ? some_weights(200) : std::vector<double>();
    const test::Problem problem(rows, kSerial, weights);
    const DenseShard shard = problem.in(scaling);
    kmeans::HardMixture model(4, problem.summary, shard.transform(), seed, {}, 1369 * fixed);
    model.set_centroids(shard.transform().to_internal(rows.topRows(4)));
    kmeans::KMeans plain(4, problem.summary, shard.transform(), seed);
    plain.set_centroids(model.centroids());
    const Stopping stopping{.stop_when_unchanged = true};
    const DecomposedFit decomposed(model, shard, stopping);
    const FitResult undecomposed = fit(plain, shard, kSerial, {.stopping = stopping});
    CHECK(undecomposed.progress.objectives == decomposed.result.progress.objectives);
    CHECK(plain.centroids() == decomposed.model.model().centroids());
    const Progress& progress = decomposed.result.progress;
    REQUIRE(progress.repairs.empty());
    require_identity(decomposed.steps, 1e-9);
    CHECK(require_ascent(decomposed.steps) == 0);
    CHECK(decomposed.steps.values("e_step/entropy").isZero(0));
    const Vector after_e = decomposed.steps.values("e_step/elbo"),
                 after_m = decomposed.steps.values("m_step/elbo");
    for (Index t = 1; t < after_e.size(); ++t) CHECK(after_e[t] >= after_m[t - 1] - 1e-9);
    const double n = progress.weight, d = 3, variance = decomposed.model.model().variance();
    const double inertia = model.units().reported(progress.objective(), 0);
    CHECK(variance == Approx(fixed > 0 ? 1369 * fixed : inertia / (n * d)).epsilon(1e-12));
    const double elbo =
        -inertia / (2 * variance) - n * d / 2 * std::log(2 * std::numbers::pi * variance) - n * std::log(4.0);
    CHECK(after_e.tail(1)[0] == Approx(elbo).epsilon(1e-12));
  }
}

TEST_CASE("The joint density of k-means is that of the mixture of equal weights and that variance") {
  const RowMatrix rows = overlapping(70, 3, 2).records;
  const test::Problem problem(rows, kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  kmeans::HardMixture hard(3, problem.summary, shard.transform(), 1, {}, 0.4);
  hard.set_centroids(shard.transform().to_internal(rows.topRows(3)));
  gmm::GaussianMixture soft({.family = &mixture::find_family("EII", 3),
                             .components = 3,
                             .equal_weights = true,
                             .fixed_variance = 0.4},
                            problem.summary, shard.transform(), 1);
  soft.set_parameters(Vector::Constant(3, 1.0 / 3), hard.centroids(), {});
  soft.prepare(0);
  DenseShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const Matrix expected = soft.log_joint(shard.block(i, buffer)).array() + soft.units().offset_per_weight;
    CHECK((hard.log_joint(shard.block(i, buffer)) - expected).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(hard.log_joint(shard.stored().block(i, buffer)) == hard.log_joint(shard.block(i, buffer)));
  }
}

TEST_CASE("As many clusters as records: the variance stops above zero, and every number is finite") {
  const RowMatrix rows = test::normal_records(6, 2, 5);
  const test::Problem problem(rows, kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  kmeans::HardMixture model(6, problem.summary, shard.transform(), 1);
  model.set_centroids(shard.transform().to_internal(rows));
  const DecomposedFit decomposed(model, shard, {.stop_when_unchanged = true});
  CHECK(decomposed.model.model().variance() > 0);
  for (const char* name : {"e_step/elbo", "e_step/kl_divergence", "m_step/elbo"})
    CHECK(decomposed.steps.values(name).allFinite());
  require_identity(decomposed.steps, 1e-10);
  CHECK(require_ascent(decomposed.steps) == 0);
}

TEST_CASE("An empty cluster of k-means: the step is exempt, and the identity holds") {
  const RowMatrix rows = test::normal_records(100, 2, 5);
  const test::Problem problem(rows, kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  kmeans::HardMixture model(3, problem.summary, shard.transform(), 1);
  RowMatrix centroids = shard.transform().to_internal(rows.topRows(3));
  centroids.row(2).setConstant(1e3);
  model.set_centroids(centroids);
  const DecomposedFit decomposed(model, shard, {.stop_when_unchanged = true});
  REQUIRE(decomposed.result.progress.repairs.size() == 1);
  CHECK(require_ascent(decomposed.steps) == 1);
  require_identity(decomposed.steps, 1e-10);
}
