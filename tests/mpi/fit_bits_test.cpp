#include <array>

#include "support/data.hpp"
#include "support/fit_case.hpp"
#include "support/world.hpp"

using namespace jensen;
using test::FitCase;
using test::Sample;

namespace {

constexpr std::array kStarts = {StartKind::kmeans, StartKind::kmeans_plus_plus, StartKind::kmeans_parallel,
                                StartKind::random, StartKind::responsibilities, StartKind::labels,
                                StartKind::model};

/// The fit over all ranks has the bits of a serial one; returns what it yields.
test::FitOutcome require_same_bits(const FitCase& wanted, const Sample& sample) {
  INFO(wanted.text() << ", " << sample.rows.rows() << " records"
                     << (sample.weights.empty() ? "" : ", weighted"));
  const test::FitOutcome alone = test::run_fit_case(wanted, sample, {});
  test::FitOutcome together = test::run_fit_case(wanted, sample, test::world());
  REQUIRE_ALL(alone.error.empty());
  REQUIRE_ALL(together.error == alone.error);
  REQUIRE_ALL(together.bits == alone.bits);
  return together;
}

}  // namespace

TEST_CASE("every model from every start has the bits of a serial fit", "[bits]") {
  const Sample weighted = test::clusters(600);  // 75 blocks
  for (const Sample& sample : {weighted.unweighted(), weighted}) {
    for (const std::string& model : test::all_models()) {
      for (const StartKind start : kStarts) require_same_bits({.model = model, .start = start}, sample);
      require_same_bits(
          {.model = model, .start = StartKind::responsibilities, .given_responsibilities = true}, sample);
      require_same_bits({.model = model, .start = StartKind::model, .means_only = true}, sample);
    }
  }
}

TEST_CASE("the best of several restarts is the same fit", "[bits]") {
  for (const std::string& model : test::all_models()) {
    require_same_bits({.model = model, .start = StartKind::random, .restarts = 4}, test::clusters(600));
  }
}

TEST_CASE("float32 records have the bits of a serial fit", "[bits]") {
  for (const std::string& model : test::all_models()) {
    for (const StartKind start : {StartKind::kmeans, StartKind::random}) {
      require_same_bits({.model = model, .start = start, .storage = DenseShard::Storage::float32},
                        test::clusters(600));
    }
  }
}

TEST_CASE("k-means that begins in float32 has the bits of a serial fit", "[bits]") {
  for (const auto storage : {DenseShard::Storage::float32, DenseShard::Storage::float64}) {
    require_same_bits({.max_iterations = 60, .precision = "float32", .storage = storage},
                      test::clusters(600));
  }
}

TEST_CASE("mixtures that begin in float32 have the bits of a serial fit", "[bits]") {
  const Sample weighted = test::clusters(600);
  for (const std::string model : {"VVI", "VII", "EII"}) {
    for (const Sample& sample : {weighted.unweighted(), weighted}) {
      for (const Index iterations : {3, 60}) {
        require_same_bits({.model = model, .max_iterations = iterations, .precision = "float32"}, sample);
      }
      require_same_bits({.model = model, .restarts = 3, .block_rows = 333, .precision = "float32"}, sample);
    }
    require_same_bits({.model = model, .max_iterations = 12, .precision = "float32"}, test::awkward(500));
  }
}

TEST_CASE("k-means of many iterations over blocks large and small has the bits of a serial fit", "[bits]") {
  for (const Index block_rows : {0, 500}) {
    require_same_bits({.components = 12, .max_iterations = 40, .block_rows = block_rows},
                      test::clusters(3000));
  }
}

TEST_CASE("fits whose steps are taken apart have the bits of a serial fit", "[bits]") {
  for (const std::string& model : test::kDecomposedModels) {
    for (const StartKind start : {StartKind::kmeans, StartKind::labels})
      require_same_bits({.model = model, .start = start, .block_rows = 61}, test::clusters(600));
    require_same_bits({.model = model, .start = StartKind::random, .restarts = 3}, test::clusters(600));
    require_same_bits({.model = model, .components = 2}, test::clusters(23));  // some ranks have none
    require_same_bits({.model = model, .max_iterations = 12}, test::awkward(500));
  }
}

TEST_CASE("ranks may have few records or none", "[bits]") {
  const Sample all = test::clusters(104);  // 13 blocks
  for (const Index records : {4, 9, 23, 104}) {
    for (const std::string& model : test::all_models()) {
      require_same_bits({.model = model, .components = 2}, all.first(records).unweighted());
      require_same_bits({.model = model, .start = StartKind::kmeans_parallel, .components = 2},
                        all.first(records));
    }
  }
}

TEST_CASE("block sizes that fit neither cache lines nor tiles", "[bits]") {
  for (const Index block_rows : {7, 61, 333, 2048}) {
    for (const std::string& model : test::all_models()) {
      require_same_bits({.model = model, .block_rows = block_rows}, test::clusters(1000));
    }
  }
}

TEST_CASE("narrow components, floors and repairs have the bits of a serial fit", "[bits]") {
  const Sample sample = test::awkward(500);
  for (const std::string& model : test::all_models()) {
    for (const double floor : {0.0, 1e-6}) {
      const FitCase wanted{.model = model, .max_iterations = 12, .covariance_floor = floor};
      require_same_bits(wanted, sample);
    }
  }
  FitCase equal_means{.start = StartKind::model};
  CHECK(require_same_bits(equal_means, sample).repairs > 0);
}

TEST_CASE("measured data have the bits of a serial fit", "[bits]") {
  const Sample sample{test::read_csv("gvhd_pos.csv")};
  for (const std::string model : {"kmeans", "VVV", "EEE"}) {
    require_same_bits({.model = model, .components = 5, .max_iterations = 3}, sample);
  }
}
