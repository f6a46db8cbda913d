#include <Eigen/Eigenvalues>
#include <catch2/catch.hpp>

#include "jensen/init/assignments.hpp"
#include "support/mixtures.hpp"
#include "support/restarts.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

gmm::Settings settings(const char* family, Index features, Index components, double floor) {
  return {
      .family = &mixture::find_family(family, features), .components = components, .covariance_floor = floor};
}

/// 200 records, the last 40 all the same.
RowMatrix with_duplicates() {
  RowMatrix rows = test::normal_records(200, 2, 3);
  rows.bottomRows(40).rowwise() = RowVector(Eigen::RowVector2d(0.37, -0.71));
  return rows;
}

}  // namespace

TEST_CASE("Fitted covariances respect the floor relative to the feature variances, which stay as they were") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double floor = GENERATE(1e-3, 0.1, 0.5);
  INFO(family << ", floor " << floor);
  RowMatrix rows = test::normal_records(300, 3, 5) * test::random_covariance(3, 1e3, 6);
  rows.col(2) *= 50;
  const test::Problem problem(rows, kSerial);
  const auto fit = test::fit_from_labels(problem, kSerial, test::random_labels(300, 4, 7),
                                         settings(family, 3, 4, floor), {.max_iterations = 60});
  const Transform transform = problem.in(fit.model.family().scaling).transform();
  Vector reference = problem.summary.variance;
  if (fit.model.family().scaling == Scaling::common) reference.setConstant(problem.summary.mean_variance());
  const Vector to_relative = (transform.scale.array() * reference.array().sqrt()).inverse();
  for (Index c = 0; c < fit.model.covariances().count(); ++c) {
    const Matrix relative =
        to_relative.asDiagonal() * fit.model.covariances().dense(c) * to_relative.asDiagonal();
    CHECK(Eigen::SelfAdjointEigenSolver<Matrix>(relative).eigenvalues()[0] >= floor * (1 - 1e-12));
  }
}

TEST_CASE("A floor that does not act changes no bit") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  const test::Problem problem(test::normal_records(200, 3, 8), kSerial);
  const auto fit = [&](double floor) {
    return test::fit_from_labels(problem, kSerial, test::random_labels(200, 2, 9),
                                 settings(family, 3, 2, floor), {.max_iterations = 30});
  };
  const auto without = fit(0), with = fit(1e-3);
  REQUIRE_FALSE(with.model.floor_active());
  CHECK(with.result.progress.objectives == without.result.progress.objectives);
  CHECK(with.model.covariances().values == without.model.covariances().values);
}

TEST_CASE("A component on duplicated records meets the floor and is singular") {
  const auto family = GENERATE(as<const char*>(), "VVV", "VVI", "VII");
  INFO(family);
  const RowMatrix rows = with_duplicates();
  std::vector<Index> labels(200, 0);
  std::fill(labels.begin() + 160, labels.end(), 1);
  const auto fit = test::fit_from_labels({rows, kSerial}, kSerial, labels, settings(family, 2, 2, 1e-6),
                                         {.max_iterations = 200, .gain_per_weight = 1e-8});
  CHECK(fit.model.floor_active());
  CHECK(fit.model.singular());
  CHECK(fit.result.progress.falls == 0);
  CHECK(is_converged(fit.result.stopped));
}

TEST_CASE("A start that collapses on duplicated records never wins, with a floor or without") {
  const auto family = GENERATE(as<const char*>(), "VVV", "VVI", "VII");
  const double floor = GENERATE(0.0, 1e-6);
  INFO(family << ", floor " << floor);
  const RowMatrix rows = with_duplicates();
  const test::Problem problem(rows, kSerial);
  const gmm::Settings chosen = settings(family, 2, 2, floor);
  const DenseShard shard = problem.in(chosen.family->scaling);
  std::vector<Index> collapsing(200, 0);
  std::fill(collapsing.begin() + 160, collapsing.end(), 1);
  std::vector<Index> halves;  // split where the duplicates are in a wide component
  for (Index n = 0; n < 200; ++n) halves.push_back(rows(n, 0) + rows(n, 1) < 0 ? 0 : 1);
  const auto start = [&](Index r, std::uint64_t seed) {
    GaussianMixture model(chosen, problem.summary, shard.transform(), seed);
    const std::vector<Index>& labels = r == 1 ? halves : collapsing;
    start_from_responsibilities(model, shard, kSerial, [&](const DenseBlock& block, Index, Matrix& q) {
      for (Index n = 0; n < block.rows(); ++n)
        q(n, labels[static_cast<std::size_t>(block.first_record + n)]) = 1;
    });
    return model;
  };
  const auto all = test::fit_best_of<GaussianMixture>(3, 1, start, shard, kSerial,
                                                      {.max_iterations = 5, .gain_per_weight = 1e-8});
  CHECK(all.best.restart == 1);
  CHECK_FALSE(all.best.model.singular());
}

TEST_CASE("Without a floor a collapse is an error that says what to do") {
  const auto family = GENERATE(as<const char*>(), "VVV", "VVI", "VII");
  INFO(family);
  RowMatrix rows = with_duplicates();
  rows.bottomRows(40).rowwise() = RowVector(Eigen::RowVector2d(0.5, -0.75));
  std::vector<Index> labels(200, 0);
  std::fill(labels.begin() + 160, labels.end(), 1);
  CHECK_THROWS_WITH(test::fit_from_labels({rows, kSerial}, kSerial, labels, settings(family, 2, 2, 0),
                                          {.max_iterations = 200}),
                    Catch::Contains("covariance-floor"));
}
