#include <catch2/catch.hpp>

#include "jensen/fit/decomposed.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/models/advi/advi.hpp"
#include "jensen/models/bayes_gmm/bayes_gmm.hpp"
#include "jensen/models/kmeans/hard_mixture.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"
#include "support/targets.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;

/// Keeps what a checkpoint of every iteration would hold.
class Checkpoints : public Observer {
 public:
  struct Kept {
    Progress before;
    double objective;
    State state;
  };
  void on_iteration(const Report& report) override {
    kept.push_back({report.now.before_evaluation(), report.now.objective(), report.state()});
  }
  std::vector<Kept> kept;
};

/// Runs `model` to the end, then goes on from several iterations with models of `other()` and empty caches.
///
/// `other()` makes a model of the same settings, but for other data, other coordinates and another seed: what
/// the state does not bring along shows.
template <class M, class Shard, class Other>
FitResult check_resumes(M model, const Shard& shard, const Stopping& stopping, Other other) {
  Checkpoints checkpoints;
  const FitResult whole = fit(model, shard, kSerial, {.stopping = stopping, .observers = {&checkpoints}});
  REQUIRE(checkpoints.kept.size() > 6);
  const State end = save_state(model);
  for (std::size_t t = 0; t < checkpoints.kept.size(); t += 3) {
    M resumed = other();
    load_state(resumed, checkpoints.kept[t].state);
    Checkpoints second;
    const FitResult result =
        fit(resumed, shard, kSerial,
            {.resume_from = checkpoints.kept[t].before, .stopping = stopping, .observers = {&second}});
    CHECK(second.kept.front().objective == checkpoints.kept[t].objective);
    CHECK(save_state(resumed) == end);
    CHECK(result.stopped == whole.stopped);
    CHECK(result.progress.objectives == whole.progress.objectives);
    CHECK(result.progress.magnitude == whole.progress.magnitude);
    CHECK(result.progress.changes == whole.progress.changes);
    CHECK(result.progress.falls == whole.progress.falls);
    CHECK(result.progress.repaired_steps == whole.progress.repaired_steps);
  }
  M loaded = other();
  load_state(loaded, end);
  CHECK(save_state(loaded) == end);
  CHECK(is_singular(loaded) == is_singular(model));
  if constexpr (requires { model.failed_draws(); }) {
    CHECK(loaded.failed_draws() == model.failed_draws());
    CHECK(loaded.setbacks() == model.setbacks());
    CHECK(loaded.posterior().parameters() == model.posterior().parameters());
  }
  CHECK(loaded.units().factor == model.units().factor);
  CHECK(loaded.units().offset_per_weight == model.units().offset_per_weight);
  return whole;
}

/// Records of other place, spread and size than any that a test fits.
RowMatrix other_records() {
  return (10'000 * test::normal_records(40, 3, 99)).array() + 3e5;
}

/// 300 records of two overlapping groups.
RowMatrix two_groups() {
  return test::draw({Eigen::Vector2d(.6, .4),
                     test::normal_records(2, 3, 2),
                     {test::random_covariance(3, 50, 3), test::random_covariance(3, 50, 4)}},
                    300, 5)
      .records;
}

const Stopping kMixtureStopping{.max_iterations = 15, .gain_per_weight = 1e-10};

/// A mixture of three for `problem`, in the coordinates of its family.
gmm::GaussianMixture model_of(const gmm::Settings& settings, const test::Problem& problem,
                              std::uint64_t seed) {
  return {settings, problem.summary, problem.in(settings.family->scaling).transform(), seed};
}

}  // namespace

TEST_CASE("k-means goes on to the same bits, repairs included", "[resume]") {
  const test::Problem problem(test::normal_records(500, 3, 1), kSerial), others(other_records(), kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  const FitResult result = check_resumes(
      kmeans::KMeans(6, problem.summary, shard.transform(), 5), shard, {.stop_when_unchanged = true},
      [&] { return kmeans::KMeans(6, others.summary, others.in(Scaling::common).transform(), 6); });
  CHECK(result.progress.repairs.size() == 5);
}

TEST_CASE("k-means of float32 goes on to the same bits, before and after it turned to float64", "[resume]") {
  // So far from the origin that single precision finds other labels.
  const RowMatrix records = test::normal_records(500, 3, 1).array() + 600;
  const test::Problem problem(records, kSerial), others(other_records(), kSerial);
  const Transform as_they_are = Transform::identity(3);
  const kmeans::Settings single{.arithmetic = kmeans::Arithmetic::float32};
  check_resumes(kmeans::KMeans(6, problem.summary, as_they_are, 5, single),
                problem.shard.with_transform(as_they_are), {.stop_when_unchanged = true},
                [&] { return kmeans::KMeans(6, others.summary, as_they_are, 6, single); });
}

TEST_CASE("Fits whose steps are taken apart go on to the same bits", "[resume]") {
  const test::Problem problem(test::normal_records(500, 3, 1), kSerial), others(other_records(), kSerial);
  const DenseShard shard = problem.in(Scaling::common);
  const auto hard = [](const test::Problem& data, std::uint64_t seed) {
    const Transform transform = data.in(Scaling::common).transform();
    return Decomposed(kmeans::HardMixture(6, data.summary, transform, seed));
  };
  check_resumes(hard(problem, 5), shard, {.stop_when_unchanged = true}, [&] { return hard(others, 6); });
  const gmm::Settings settings{.family = &mixture::find_family("EII", 3), .components = 3};
  gmm::GaussianMixture soft = model_of(settings, problem, 5);
  start_from_responsibilities(soft, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  check_resumes(Decomposed(soft), shard, kMixtureStopping,
                [&] { return Decomposed(model_of(settings, others, 7)); });
}

TEST_CASE("Mixtures of every family go on to the same bits", "[resume]") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  const double floor = GENERATE(1e-6, 0.3);
  const double limit = GENERATE(0.0, 4e6);
  INFO(family << ", floor " << floor << ", expansion limit " << limit);
  const test::Problem problem(two_groups(), kSerial), others(other_records(), kSerial);
  const gmm::Settings settings{.family = &mixture::find_family(family, 3),
                               .components = 3,
                               .covariance_floor = floor,
                               .expansion_limit = limit};
  const DenseShard shard = problem.in(settings.family->scaling);
  gmm::GaussianMixture model = model_of(settings, problem, 5);
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  check_resumes(model, shard, kMixtureStopping, [&] { return model_of(settings, others, 7); });
}

TEST_CASE("A mixture of float32 goes on to the same bits, before and after it turned to float64",
          "[resume]") {
  const auto family = GENERATE(as<const char*>(), "VVI", "VII", "EII");
  INFO(family);
  const test::Problem problem(two_groups(), kSerial), others(other_records(), kSerial);
  const gmm::Settings settings{
      .family = &mixture::find_family(family, 3), .components = 3, .arithmetic = Arithmetic::float32};
  const DenseShard shard = problem.in(settings.family->scaling);
  gmm::GaussianMixture model = model_of(settings, problem, 5);
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  const FitResult result =
      check_resumes(model, shard, {.gain_per_weight = 1e-7}, [&] { return model_of(settings, others, 7); });
  CHECK(is_converged(result.stopped));
  CHECK(check_resumes(model, shard, kMixtureStopping, [&] {
          return model_of(settings, others, 7);
        }).stopped == StopReason::iteration_limit);
}

TEST_CASE("A mixture of fixed variance goes on to the same bits", "[resume]") {
  const test::Problem problem(two_groups(), kSerial), others(other_records(), kSerial);
  const gmm::Settings settings{
      .family = &mixture::find_family("EII", 3), .components = 3, .fixed_variance = 0.5};
  const DenseShard shard = problem.in(settings.family->scaling);
  gmm::GaussianMixture model = model_of(settings, problem, 5);
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  check_resumes(model, shard, kMixtureStopping, [&] { return model_of(settings, others, 7); });
}

TEST_CASE("A mixture goes on to the same bits, repairs included", "[resume]") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  INFO(family);
  const test::Problem problem(two_groups(), kSerial), others(other_records(), kSerial);
  const gmm::Settings settings{.family = &mixture::find_family(family, 3), .components = 3};
  gmm::GaussianMixture model = model_of(settings, problem, 5);
  RowMatrix means = RowMatrix::Zero(3, 3);
  means.row(1).setOnes();
  means.row(2).setConstant(1e4);  // no record is near
  model.set_parameters(Vector::Constant(3, 1.0 / 3), means, {Matrix::Identity(3, 3)});
  const FitResult result = check_resumes(model, problem.in(settings.family->scaling), kMixtureStopping,
                                         [&] { return model_of(settings, others, 7); });
  CHECK(result.progress.repairs.size() == 1);
}

TEST_CASE("Bayesian mixtures of every family go on to the same bits", "[resume]") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI", "VII", "EII");
  const double limit = GENERATE(0.0, 4e6);
  const auto prior = GENERATE(bayes_gmm::WeightPrior::dirichlet, bayes_gmm::WeightPrior::stick_breaking);
  INFO(family << ", expansion limit " << limit << ", weight prior " << static_cast<int>(prior));
  const test::Problem problem(two_groups(), kSerial), others(other_records(), kSerial);
  const bayes_gmm::Settings settings{.family = &mixture::find_family(family, 3),
                                     .components = 3,
                                     .weight_prior = prior,
                                     .degrees_of_freedom = 3,
                                     .expansion_limit = limit};
  const DenseShard shard = problem.in(settings.family->scaling);
  const auto make = [&](const test::Problem& data) {
    return bayes_gmm::BayesianMixture(settings, data.summary, data.in(settings.family->scaling).transform());
  };
  bayes_gmm::BayesianMixture model = make(problem);
  start_from_responsibilities(model, shard, kSerial, [](const DenseBlock& block, Index, Matrix& r) {
    draw_responsibilities(block, 6, r);
  });
  check_resumes(model, shard, kMixtureStopping, [&] { return make(others); });
}

TEST_CASE("Topic models go on to the same bits", "[resume]") {
  const auto kind = GENERATE(lda::TopicKind::dirichlet, lda::TopicKind::point);
  const auto step = GENERATE(lda::DocumentStep::block, lda::DocumentStep::sequential);
  const Index batch = GENERATE(0, 40);
  const auto learning = GENERATE(lda::Learning::symmetric, lda::Learning::asymmetric);
  INFO(static_cast<int>(kind) << ", " << static_cast<int>(step) << ", batches of " << batch);
  const test::Corpus corpus = test::drawn_corpus(120, 30, 3);
  const test::CorpusShard shard(corpus);
  const auto make = [&](std::uint64_t seed, double alpha) {
    lda::LatentDirichletAllocation model({.topics = 4,
                                          .kind = kind,
                                          .document_step = step,
                                          .alpha = lda::symmetric(alpha, 4),
                                          .learn_alpha = lda::Learning::asymmetric,
                                          .eta = lda::symmetric(alpha, 1),
                                          .learn_eta = learning,
                                          .batches = {.documents = 120, .batch_documents = batch, .seed = 3}},
                                         corpus.vocabulary);
    lda::start_at_random(model, seed);
    return model;
  };
  lda::LatentDirichletAllocation model = make(5, 0.1);
  check_resumes(model, shard, kMixtureStopping, [&] { return make(7, 3); });
  fit(model, shard, kSerial, {.stopping = {.max_iterations = 3}});
  lda::LatentDirichletAllocation loaded = make(7, 3);
  load_state(loaded, save_state(model));
  CHECK(loaded.sizes() == model.sizes());
  CHECK(loaded.alpha() == model.alpha());
  CHECK((kind == lda::TopicKind::point || loaded.eta() == model.eta()));
}

TEST_CASE("Variational inference by gradients goes on to the same bits, within trials of steps that fail",
          "[resume]") {
  const auto rule = GENERATE(advi::StepRule::natural, advi::StepRule::adaptive, advi::StepRule::adam);
  const auto covariance = GENERATE(advi::Covariance::mean_field, advi::Covariance::full_rank);
  const auto target = advi::make_target(test::EdgeTarget{1.5, 10});  // an ELBO above 0
  const advi::Settings settings{
      .covariance = covariance, .draws = 4, .step_rule = rule, .window = 6, .seed = 3, .most_failed = 1};
  const auto begun_elsewhere = [&] {
    advi::Advi model(target, settings);
    advi::Family q = model.family();
    q.parameters().array() -= 1;
    q.prepare();
    model.set_family(q);
    return model;
  };
  check_resumes(advi::Advi(target, settings), test::no_data(), {.max_iterations = 60}, begun_elsewhere);
  advi::Advi model(target, settings);
  fit(model, test::no_data(), kSerial, {.stopping = {.max_iterations = 60}});
  CHECK(model.failed_draws() > 0);
}

TEST_CASE("Variational inference by gradients goes on to the same bits behind setbacks", "[resume]") {
  const auto target =
      advi::make_target(test::NormalTarget{Vector::Ones(2), (Matrix(2, 2) << 2, 1, 1, 2).finished()});
  const advi::Settings settings{.draws = 4, .antithetic = false, .step_size = 1, .window = 4, .seed = 3};
  check_resumes(advi::Advi(target, settings), test::no_data(), {.max_iterations = 40},
                [&] { return advi::Advi(target, settings); });
  advi::Advi model(target, settings);
  fit(model, test::no_data(), kSerial, {.stopping = {.max_iterations = 40}});
  CHECK(model.setbacks() > 0);
}

TEST_CASE("A state of another size is refused", "[resume]") {
  const test::Problem problem(test::normal_records(50, 3, 1), kSerial);
  const auto model = [&](Index components) {
    return kmeans::KMeans(components, problem.summary, Transform::identity(3), 5);
  };
  kmeans::KMeans three = model(3), four = model(4);
  CHECK_THROWS_AS(load_state(four, save_state(three)), InputError);
}
