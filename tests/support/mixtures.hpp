#pragma once

#include <span>
#include <string>

#include "jensen/comm/communicator.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/models/gmm/gmm.hpp"

namespace test {

/// A data set in memory, ready to be fitted: shard in a family's internal coordinates, and its summary.
struct Problem {
  jensen::DenseShard shard;
  jensen::FeatureSummary summary;

  Problem(const jensen::RowMatrix& rows, const jensen::Communicator& comm,
          std::span<const double> weights = {}, jensen::Index block_rows = 0);
  jensen::DenseShard in(jensen::Scaling scaling) const;
};

/// An EM fit from hard labels 0 ... K-1, M-step first. `objectives` are log-likelihoods in the data's units.
struct MixtureFit {
  jensen::gmm::GaussianMixture model;
  jensen::FitResult result;
  std::vector<double> log_likelihoods;
};
MixtureFit fit_from_labels(const Problem& problem, const jensen::Communicator& comm,
                           const std::vector<jensen::Index>& labels, jensen::gmm::Settings settings,
                           const jensen::Stopping& stopping);

/// The species of iris and the two groups of faithful (waiting < 68): starts of the reference tables.
std::vector<jensen::Index> iris_species();
std::vector<jensen::Index> faithful_groups(const jensen::RowMatrix& faithful);

}  // namespace test
