#include <catch2/catch.hpp>

#include "jensen/models/advi/bernstein_von_mises.hpp"
#include "jensen/models/advi/laplace.hpp"
#include "jensen/models/advi/targets/factor_analysis.hpp"
#include "jensen/models/advi/targets/mixture.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/bit_collector.hpp"
#include "support/data.hpp"
#include "support/samples.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

/// This rank's part of `rows` and of their responses.
ResponseShard sharded(const RowMatrix& rows, const Communicator& comm) {
  const DenseShard features = test::sharded(rows, comm, 8);
  std::vector<double> responses;
  for (Index n = 0; n < features.partition().own_records(); ++n) {
    const Index record = features.partition().first_record() + n;
    responses.push_back(rows(record, 0) + static_cast<double>(record % 3) > 1 ? 1 : 0);
  }
  return ResponseShard(features, responses);
}

std::vector<std::uint64_t> bits_of(const std::shared_ptr<const advi::Target>& target, const RowMatrix& rows,
                                   const Communicator& comm) {
  const ResponseShard shard = sharded(rows, comm);
  std::vector<std::uint64_t> bits;
  test::BitCollector all(bits);
  const advi::Laplace fit = laplace(target, target->start(), shard, comm);
  all.add(fit.refusal);
  all.add(fit.mode);
  all.add(fit.log_evidence);
  all.add(Vector(fit.covariance.reshaped()));
  if (fit.found()) all.add(Vector(sandwich_covariance(*target, fit, shard, comm).reshaped()));
  return bits;
}

}  // namespace

TEST_CASE("Laplace's approximation has the bits of a serial one", "[bits]") {
  const Vector centre = Vector::Zero(3), spread = Vector::Ones(3);
  const std::shared_ptr<const advi::Target> targets[] = {
      std::make_shared<advi::Regression>(
          advi::RegressionSettings{.response = advi::Response::bernoulli, .prior_scales = spread}, 3),
      std::make_shared<advi::Mixture>(advi::MixtureSettings{.centre = centre, .spread = spread}),
      std::make_shared<advi::FactorAnalysis>(advi::FactorSettings{.centre = centre, .spread = spread})};
  for (const Index records : {2, 90}) {  // also fewer records than ranks
    const RowMatrix rows = test::normal_records(records, 3, 4);
    for (const auto& target : targets) {
      const auto alone = bits_of(target, rows, {});
      REQUIRE_ALL(bits_of(target, rows, test::world()) == alone);
    }
  }
}

TEST_CASE("the Bernstein-von Mises report has the bits of a serial one", "[bits]") {
  const RowMatrix rows = test::normal_records(120, 2, 4);
  const auto target = std::make_shared<advi::Regression>(
      advi::RegressionSettings{.response = advi::Response::bernoulli, .prior_scales = Vector::Ones(2)}, 2);
  const auto report = [&](const Communicator& comm) {
    const auto found = bernstein_von_mises(target, sharded(rows, comm), comm,
                                           {.halvings = 2, .iterations = 20, .draws = 100});
    std::vector<std::uint64_t> bits;
    test::BitCollector all(bits);
    for (const auto& step : found.steps) {
      all.add(step.records), all.add(step.refusal), all.add(step.mean), all.add(step.deviations);
      for (const auto& distance : {step.laplace, step.likelihood, step.observed, step.sandwich})
        all.add(distance.divergence);
    }
    all.add(found.verdict);
    all.add(found.refusals);
    return bits;
  };
  const auto alone = report({});
  REQUIRE_ALL(report(test::world()) == alone);
}
