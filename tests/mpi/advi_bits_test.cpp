#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/fit/fit.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/predictive.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/bit_collector.hpp"
#include "support/samples.hpp"
#include "support/world.hpp"

using namespace jensen;
using advi::Covariance;
using advi::Response;
using advi::StepRule;

namespace {

constexpr Index kRecords = 230, kFeatures = 3, kGroups = 4;

/// Each rank's own of the same records, with counts as responses.
ResponseShard records(const Communicator& comm, bool weighted) {
  const Partition partition{.records = kRecords, .block_rows = 8, .rank = comm.rank(), .size = comm.size()};
  const RowMatrix all = test::normal_records(kRecords, kFeatures, 3);
  DenseShard shard(partition, kFeatures, DenseShard::Storage::float64, weighted);
  std::vector<double> responses;
  std::vector<Index> groups;
  for (Index own = 0; own < partition.own_records(); ++own) {
    const Index n = partition.first_record() + own;
    shard.fill(own, 1, all.row(n).data());
    const double weight = static_cast<double>(n % 4);
    if (weighted) shard.fill_weights(own, {&weight, 1});
    responses.push_back(std::floor(std::exp(0.5 + all(n, 0))));
    groups.push_back(n % kGroups);
  }
  return ResponseShard(shard, responses, groups);
}

std::shared_ptr<const advi::Target> regression(Response response) {
  return std::make_shared<advi::Regression>(
      advi::RegressionSettings{
          .response = response, .groups = kGroups, .prior_scales = Vector::Ones(kFeatures)},
      kFeatures);
}

/// All that a fit and its evaluation yield, as bit patterns.
std::vector<std::uint64_t> bits_of(Response response, const advi::Settings& settings, bool weighted,
                                   const Communicator& comm) {
  const ResponseShard shard = records(comm, weighted);
  advi::Advi model(regression(response), settings);
  const FitResult result = fit(model, shard, comm, {.stopping = {.max_iterations = 60}});
  std::vector<std::uint64_t> bits;
  test::BitCollector all(bits);
  all.add(result.progress.objectives);
  all.add(result.progress.changes);
  all.add(save_state(model));
  const advi::Evaluation found = advi::evaluate(model, shard, comm, 40, 1);
  for (const double value : {found.elbo, found.elbo_standard_error, found.k_hat, found.log_evidence})
    all.add(value);
  all.add(std::vector<double>(found.weights.begin(), found.weights.end()));
  all.add(advi::score(advi::PosteriorPredictive(model, 70, 1), shard, comm).log_predictive);
  return bits;
}

}  // namespace

TEST_CASE("variational inference by gradients has the bits of a serial fit", "[bits]") {
  for (const Response response : {Response::normal, Response::poisson, Response::negative_binomial}) {
    for (const Covariance covariance :
         {Covariance::mean_field, Covariance::full_rank, Covariance::low_rank}) {
      const bool low_rank = covariance == Covariance::low_rank;
      advi::Settings settings{.covariance = covariance,
                              .rank = 2,
                              .step_rule = low_rank ? StepRule::adam : StepRule::natural,
                              .step_size = low_rank ? 0.02 : 0.05,
                              .window = 20,
                              .total_weight = 1.5 * kRecords};
      for (const Index batches : {1, 3}) {
        settings.batches = {.count = batches, .block_rows = 8, .seed = 5};
        const bool weighted = batches == 3;
        const auto alone = bits_of(response, settings, weighted, {});
        REQUIRE_ALL(bits_of(response, settings, weighted, test::world()) == alone);
      }
    }
  }
}
