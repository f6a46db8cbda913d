#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/models/kmeans/kmeans.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

/// 60 records about 0 and 40 about 20.
RowMatrix two_blobs() {
  RowMatrix rows = test::normal_records(100, 2, 3);
  rows.bottomRows(40).array() += 20;
  return rows;
}

/// A component at each blob, and others far from all records.
struct Stranded {
  RowMatrix rows = two_blobs();
  test::Problem problem;
  DenseShard shard;
  GaussianMixture model;

  explicit Stranded(const char* family, bool equal_weights = false, Index strangers = 1)
      : problem(rows, kSerial),
        shard(problem.shard),
        model({.family = &mixture::find_family(family, 2),
               .components = 2 + strangers,
               .equal_weights = equal_weights},
              problem.summary, shard.transform(), 1) {
    RowMatrix means = RowMatrix::Constant(2 + strangers, 2, 1e4);
    means.row(0).setZero();
    means.row(1).setConstant(20);
    model.set_parameters(Vector::Constant(2 + strangers, 1.0 / static_cast<double>(2 + strangers)), means,
                         {Matrix::Identity(2, 2)});
  }
};

}  // namespace

TEST_CASE("An empty component takes half of the heaviest one, a little beside it, and says so") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const bool equal = GENERATE(false, true);
  INFO(family << ", equal weights " << equal);
  Stranded stranded(family, equal);
  GaussianMixture& model = stranded.model;
  model.prepare(0);
  const Change change = model.global_step(test::pass(model, stranded.shard), 0);
  REQUIRE(change.repairs.size() == 1);
  CHECK(change.repairs[0].component == 2);
  CHECK(change.repairs[0].what == "empty component took half of component 0");
  const RowVector donor = stranded.rows.topRows(60).colwise().mean();
  CHECK((model.means().row(0) - donor).cwiseAbs().maxCoeff() < 1e-12);
  const double distance = (model.means().row(2) - model.means().row(0)).norm();
  CHECK(distance > 0);
  CHECK(distance < 1);
  if (equal) {
    CHECK((model.weights().array() == 1.0 / 3).all());
  } else {
    CHECK(model.weights()[0] == Approx(.3).epsilon(1e-12));
    CHECK(model.weights()[1] == Approx(.4).epsilon(1e-12));
    CHECK(model.weights()[2] == model.weights()[0]);
  }
  if (!model.family().shared()) CHECK(model.covariances().values.col(2) == model.covariances().values.col(0));
  CHECK_FALSE(model.floor_active());
  CHECK_FALSE(model.singular());
}

TEST_CASE("Several empty components find donors in turn, the heaviest left each time") {
  Stranded stranded("VVV", false, 2);
  stranded.model.prepare(0);
  const Change change = stranded.model.global_step(test::pass(stranded.model, stranded.shard), 0);
  REQUIRE(change.repairs.size() == 2);
  CHECK(change.repairs[0].what == "empty component took half of component 0");
  CHECK(change.repairs[1].what == "empty component took half of component 1");
  CHECK((stranded.model.weights() - Vector(Eigen::Vector4d(.3, .2, .3, .2))).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("A fit with a repair goes on without NaN, exempt from the monotone check, and reports it") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  Stranded stranded(family);
  const FitResult result =
      fit(stranded.model, stranded.shard, kSerial,
          {.stopping = {.max_iterations = 500, .gain_per_weight = 1e-6, .strict = true}});
  CHECK(result.progress.repairs.size() >= 1);
  CHECK(result.progress.repaired_steps >= 1);
  CHECK(result.progress.falls == 0);
  CHECK(stranded.model.means().allFinite());
  CHECK(stranded.model.weights().minCoeff() > 0);
  CHECK(is_converged(result.stopped));
}

TEST_CASE("With a small fixed variance and equal weights EM assigns as k-means does") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RowMatrix rows = test::normal_records(200, 3, seed);
    const test::Problem problem(rows, kSerial);
    const DenseShard shard = problem.in(Scaling::common);
    kmeans::KMeans clusters(5, problem.summary, shard.transform(), 1);
    clusters.set_centroids(shard.transform().to_internal(rows.topRows(5)));
    const FitResult hard = fit(clusters, shard, kSerial, {.stopping = {.stop_when_unchanged = true}});
    REQUIRE(hard.progress.repairs.empty());
    const double inertia = clusters.units().reported(hard.progress.objective(), 0);
    const double variance = 1e-3 * inertia / 600;
    GaussianMixture mixture({.family = &mixture::find_family("EII", 3),
                             .components = 5,
                             .equal_weights = true,
                             .fixed_variance = variance},
                            problem.summary, shard.transform(), 1);
    mixture.set_parameters(Vector::Constant(5, 0.2), clusters.centroids(), {});
    const FitResult soft = fit(mixture, shard, kSerial, {.stopping = {.max_iterations = 20}});
    CHECK(soft.progress.falls == 0);
    CHECK(mixture.covariances().values(0, 0) ==
          Approx(variance * shard.transform().scale[0] * shard.transform().scale[0]).epsilon(1e-15));
    const test::WholeBlock block(shard);
    std::vector<Index> labels;
    clusters.assign(*block, labels);
    Matrix r;
    Eigen::ArrayXd log_density;
    mixture.responsibilities(*block, r, log_density);
    for (Index n = 0; n < 200; ++n) {
      Index soft_label = 0;
      r.row(n).maxCoeff(&soft_label);
      if (soft_label != labels[static_cast<std::size_t>(n)]) FAIL_CHECK("seed " << seed << ", record " << n);
    }
  }
}
