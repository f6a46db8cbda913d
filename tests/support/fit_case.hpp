#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/history.hpp"
#include "jensen/fit/owners.hpp"
#include "jensen/init/start_request.hpp"

namespace test {

/// Records of a test, and their weights or none.
struct Sample {
  jensen::RowMatrix rows;
  std::vector<double> weights = {};

  Sample first(jensen::Index count) const;
  Sample unweighted() const { return {rows, {}}; }
};

/// Three overlapping clusters in three features of different scale and offset. Weights are no sums of few
/// powers of two, so that the order of their additions shows; some are 0.
Sample clusters(jensen::Index records);

/// Two wide clusters and one that is 10^4 times narrower, far from the origin; the first two records are
/// equal.
Sample awkward(jensen::Index records);

/// In front of the letters of a covariance family: a Bayesian mixture.
inline constexpr std::string_view kBayesian = "bayes-";

/// In front of a model that EM fits: with the decomposition of its steps.
inline constexpr std::string_view kDecomposed = "decomposed-";

/// A fit as the command line would ask for it.
struct FitCase {
  std::string model = "kmeans";  // or the letters of a covariance family; or one after a word above
  jensen::StartKind start = jensen::StartKind::kmeans_plus_plus;
  jensen::Index components = 3;
  jensen::Index max_iterations = 4;
  jensen::Index restarts = 1;
  jensen::Index block_rows = 0;
  double covariance_floor = 1e-6;
  std::string precision = "float64";
  bool given_responsibilities = false;  // where the start is responsibilities: not random ones
  bool means_only = false;              // where the start is a model: not a mixture's
  jensen::DenseShard::Storage storage = jensen::DenseShard::Storage::float64;
  jensen::GlobalStepBy global_step_by = jensen::GlobalStepBy::whoever_is_faster;

  std::string text() const;
};

/// "kmeans", the letters of every covariance family, and Bayesian mixtures of three of these.
std::vector<std::string> all_models();

/// Models of which fits are decomposed: one for each q.
inline const std::vector<std::string> kDecomposedModels = {"decomposed-kmeans", "decomposed-VVV"};

/// What a fit yields.
struct FitOutcome {
  /// All of it but times, as bit patterns: state, trace, restarts, repairs, evaluation.
  std::vector<std::uint64_t> bits = {};
  std::string error = {};
  std::size_t repairs = 0;
};

/// Where a fit begins, if not at the start, and who watches it.
struct Journey {
  std::optional<jensen::Snapshot> resume_from = {};
  jensen::Observer* watcher = nullptr;
};

/// From summary to evaluation, as `jensen fit` does it.
FitOutcome run_fit_case(const FitCase& wanted, const Sample& sample, const jensen::Communicator& comm,
                        const Journey& journey = {});

}  // namespace test
