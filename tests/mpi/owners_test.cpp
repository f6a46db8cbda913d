#include <fmt/format.h>

#include "jensen/models/gmm/gmm.hpp"
#include "support/bit_collector.hpp"
#include "support/data.hpp"
#include "support/ending.hpp"
#include "support/fit_case.hpp"
#include "support/world.hpp"

using namespace jensen;
using test::Ending;
using test::FitCase;
using test::FitOutcome;
using test::Sample;
using test::world;

namespace {

constexpr Index kParts = 5;

/// Owners of components give the bits of the plain fit, alone and over all ranks; returns what it yields.
FitOutcome require_same_bits(FitCase wanted, const Sample& sample) {
  wanted.global_step_by = GlobalStepBy::every_rank;
  const FitOutcome plain = test::run_fit_case(wanted, sample, {});
  wanted.global_step_by = GlobalStepBy::owners;
  INFO(wanted.text() << ", " << sample.rows.rows() << " records");
  const FitOutcome alone = test::run_fit_case(wanted, sample, {});
  FitOutcome together = test::run_fit_case(wanted, sample, world());
  REQUIRE_ALL(alone.error == plain.error);
  REQUIRE_ALL(together.error == plain.error);
  REQUIRE_ALL(alone.bits == plain.bits);
  REQUIRE_ALL(together.bits == plain.bits);
  return together;
}

/// 208 records: each of up to 13 ranks has two blocks.
struct Example {
  RowMatrix rows = test::clusters(208).rows;
  DenseShard shard = test::sharded(rows, world());

  /// Each component at a record of its own.
  gmm::GaussianMixture mixture(gmm::Settings settings) const {
    if (settings.family == nullptr) settings.family = &mixture::find_family("VVV", rows.cols());
    const Vector ones = Vector::Ones(rows.cols());
    const FeatureSummary summary{208, Vector::Zero(rows.cols()), ones, rows.colwise().minCoeff().transpose(),
                                 rows.colwise().maxCoeff().transpose()};
    gmm::GaussianMixture model(settings, summary, shard.transform(), 1);
    give_means(model, rows.topRows(settings.components));
    return model;
  }

  static void give_means(gmm::GaussianMixture& model, const RowMatrix& means) {
    const Matrix sigma = Vector::Constant(means.cols(), 25).asDiagonal();
    const Index k = means.rows();
    model.set_parameters(Vector::Constant(k, 1.0 / static_cast<double>(k)), means,
                         {std::vector<Matrix>(static_cast<std::size_t>(k), sigma)});
  }

  /// Ends a fit by owners with the state and the trace of one where every rank takes the global step.
  std::size_t require_same_fit(const gmm::GaussianMixture& start) const {
    gmm::GaussianMixture plain = start, parted = start;
    FitPlan plan{.stopping = {.max_iterations = 6}, .global_step_by = GlobalStepBy::every_rank};
    const FitResult expected = fit(plain, shard, world(), plan);
    plan.global_step_by = GlobalStepBy::owners;
    const FitResult found = fit(parted, shard, world(), plan);
    REQUIRE_ALL(save_state(parted) == save_state(plain));
    REQUIRE_ALL(found.progress.objectives == expected.progress.objectives);
    REQUIRE_ALL(found.progress.changes == expected.progress.changes);
    REQUIRE_ALL(found.progress.magnitude == expected.progress.magnitude);
    return found.progress.repairs.size();
  }
};

/// A mixture that fails in one of its parts, in the global step from iteration 1.
struct Failing : gmm::GaussianMixture {
  Index failing_update = -1, failing_preparation = -1;  // parts
  Index repaired = -1;                                  // reported as repaired: prepared anew
  Index steps = 0;

  void update_part(const Sums& total, Index k) {
    if (steps == 1 && k == failing_update) throw NumericalError(fmt::format("planted in update {}", k));
    GaussianMixture::update_part(total, k);
  }
  void prepare_part(Index k) {
    if (steps == 1 && (k == failing_preparation || k == failing_preparation + 1))
      throw NumericalError(fmt::format("planted in preparation {}", k));
    GaussianMixture::prepare_part(k);
  }
  Change join_parts(Index t) {
    Change change = GaussianMixture::join_parts(t);
    if (repaired >= 0) change.repairs.push_back({repaired, "mended"});
    ++steps;
    return change;
  }
};

Ending ending_of_fit(Failing model, const DenseShard& shard) {
  return test::ending_of([&] {
    fit(model, shard, world(), {.stopping = {.max_iterations = 4}, .global_step_by = GlobalStepBy::owners});
  });
}

}  // namespace

TEST_CASE("owners of components give the bits of the plain fit", "[owners]") {
  const Sample weighted = test::clusters(600);
  for (const Sample& sample : {weighted.unweighted(), weighted}) {
    for (const std::string model : {"VVV", "VVI", "VII", "bayes-VVV", "bayes-VVI"}) {
      for (const Index components : {1, 2, 3, 5, 8, 14, 29}) {
        require_same_bits({.model = model, .start = StartKind::random, .components = components}, sample);
      }
    }
  }
}

TEST_CASE("owners leave float32 when the plain fit does", "[owners]") {
  for (const Sample& sample : {test::clusters(600), test::awkward(500)}) {
    for (const std::string model : {"VVI", "VII", "EII"}) {
      require_same_bits({.model = model, .max_iterations = 60, .precision = "float32"}, sample);
    }
  }
}

TEST_CASE("a model without parts is fitted as ever where owners are asked for", "[owners]") {
  for (const std::string model : {"kmeans", "EEE", "EII"}) {
    require_same_bits({.model = model}, test::clusters(300));
  }
}

TEST_CASE("owners floor narrow components as the plain fit does", "[owners]") {
  for (const double floor : {0.0, 1e-6, 0.25}) {
    for (const Index components : {3, 7}) {
      require_same_bits(
          {.model = "VVV", .components = components, .max_iterations = 12, .covariance_floor = floor},
          test::awkward(500));
    }
  }
}

TEST_CASE("components that die are revived alike, whoever owned them and their donors", "[owners]") {
  const Example example;
  for (const auto& [family, arithmetic] :
       {std::pair{"VVV", Arithmetic::float64}, {"VVI", Arithmetic::float64}, {"VVI", Arithmetic::float32}}) {
    for (const bool equal_weights : {false, true}) {
      for (Index dead = 0; dead < kParts; ++dead) {
        gmm::GaussianMixture start = example.mixture({.family = &mixture::find_family(family, 3),
                                                      .components = kParts,
                                                      .equal_weights = equal_weights,
                                                      .arithmetic = arithmetic});
        RowMatrix means = start.means();
        means.row(dead).setConstant(1e6);
        means.row((dead + 2) % kParts).setConstant(-1e6);
        Example::give_means(start, means);
        REQUIRE_ALL(example.require_same_fit(start) >= 2);
      }
    }
  }
}

TEST_CASE("components about their own means give the bits of the plain fit", "[owners]") {
  const Example example;
  for (const double limit : {0.0, 300.0}) {  // all of them; some
    example.require_same_fit(example.mixture({.components = kParts, .expansion_limit = limit}));
  }
}

TEST_CASE("owners need not have records, nor those who have records parts", "[owners]") {
  for (const Index records : {9, 23}) {
    for (const Index components : {1, 2, 6}) {
      require_same_bits({.model = "VVV", .start = StartKind::random, .components = components},
                        test::clusters(104).first(records));
    }
  }
}

TEST_CASE("restarts by owners, and measured data, give the bits of the plain fit", "[owners]") {
  require_same_bits({.model = "VVV", .start = StartKind::random, .restarts = 4}, test::clusters(600));
  require_same_bits({.model = "VVV", .components = 5, .max_iterations = 3},
                    Sample{test::read_csv("gvhd_pos.csv")});
}

TEST_CASE("an error in one part is thrown on every rank, of the lowest part", "[owners]") {
  const Example example;
  const DenseShard& shard = example.shard;
  const gmm::GaussianMixture model = example.mixture({.components = kParts});
  const auto planted = [](const char* where, Index k) {
    return Ending{ExitCode::numerical_failure, fmt::format("planted in {} {}", where, k)};
  };
  for (Index k = 0; k < kParts; ++k) {
    REQUIRE_ALL(ending_of_fit({model, k}, shard) == planted("update", k));
    REQUIRE_ALL(ending_of_fit({model, -1, k}, shard) == planted("preparation", k));
    // An update that fails comes first, as where every rank updates all parts and then prepares them.
    REQUIRE_ALL(ending_of_fit({model, kParts - 1, k}, shard) == planted("update", kParts - 1));
  }
}

TEST_CASE("a part that cannot be prepared does no harm if a repair replaces it", "[owners]") {
  const Example example;
  const DenseShard& shard = example.shard;
  const gmm::GaussianMixture model = example.mixture({.components = kParts});
  for (Index k = 0; k < kParts; ++k) {
    Failing mended{model, -1, k, k};
    Failing plain{model, -1, -1, k};
    fit(mended, shard, world(), {.stopping = {.max_iterations = 3}, .global_step_by = GlobalStepBy::owners});
    fit(plain, shard, world(),
        {.stopping = {.max_iterations = 3}, .global_step_by = GlobalStepBy::every_rank});
    REQUIRE_ALL(save_state(mended) == save_state(plain));
  }
}

TEST_CASE("a fit by owners stops, resumes and is interrupted like any other", "[owners]") {
  const Example example;
  const DenseShard& shard = example.shard;
  const gmm::GaussianMixture start = example.mixture({.components = kParts});
  gmm::GaussianMixture whole = start;
  fit(whole, shard, world(), {.stopping = {.max_iterations = 6}, .global_step_by = GlobalStepBy::every_rank});

  gmm::GaussianMixture halves = start;
  FitPlan plan{.stopping = {.max_iterations = 3}, .global_step_by = GlobalStepBy::owners};
  const FitResult first = fit(halves, shard, world(), plan);
  plan.resume_from = first.progress.before_evaluation();
  plan.resume_objective = first.progress.objective();
  plan.stopping.max_iterations = 6;
  fit(halves, shard, world(), plan);
  REQUIRE_ALL(save_state(halves) == save_state(whole));

  Index asked = 0;
  gmm::GaussianMixture cut = start;
  FitPlan interrupted{.stopping = {.max_iterations = 6}, .global_step_by = GlobalStepBy::owners};
  interrupted.interrupted = [&] { return world().is_root() && asked++ == 2 * shard.block_count() + 1; };
  const FitResult partial = fit(cut, shard, world(), interrupted);
  REQUIRE_ALL(partial.stopped == StopReason::interrupted);
  REQUIRE_ALL(partial.progress.t == 2);
  fit(cut, shard, world(),
      {.resume_from = partial.progress,
       .stopping = {.max_iterations = 6},
       .global_step_by = GlobalStepBy::owners});
  REQUIRE_ALL(save_state(cut) == save_state(whole));

  gmm::GaussianMixture stopped = start;
  FitPlan asked_to_stop{.stopping = {.max_iterations = 6}, .global_step_by = GlobalStepBy::owners};
  asked_to_stop.votes = [&] { return Votes{.stop = world().rank() == world().size() - 1 ? 1 : 0}; };
  REQUIRE_ALL(fit(stopped, shard, world(), asked_to_stop).stopped == StopReason::stop_requested);
}
