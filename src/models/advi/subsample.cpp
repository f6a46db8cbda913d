#include "jensen/models/advi/subsample.hpp"

#include <limits>

#include "jensen/core/random.hpp"

namespace jensen::advi {
namespace {

constexpr auto kRound = std::numeric_limits<std::uint64_t>::max();  // no epoch of mini-batches

}  // namespace

bool Subsample::contains(Index record) const {
  return share_ >= 1 || Stream(seed_, Purpose::batches, record, kRound).uniform() < share_;
}

void Subsample::add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                   Points* gradients) const {
  if (share_ >= 1) return target_->add_log_likelihood(theta, block, values, gradients);
  const Index features = block.features.features();
  AlignedVector<double> records, weights;
  std::vector<double> responses;
  std::vector<Index> groups;
  for (Index n = 0; n < block.rows(); ++n) {
    if (!contains(block.features.first_record + n)) continue;
    const double* const record = block.features.records.data() + n * features;
    records.insert(records.end(), record, record + features);
    weights.push_back(block.weight(n));
    const auto at = static_cast<std::size_t>(n);
    if (!block.responses.empty()) responses.push_back(block.responses[at]);
    if (!block.groups.empty()) groups.push_back(block.groups[at]);
  }
  const auto rows = static_cast<Index>(weights.size());
  if (rows == 0) return;
  const ResponseBlock part{.features = {.first_record = block.features.first_record,
                                        .records = RowMatrixView(records.data(), rows, features),
                                        .weights = weights},
                           .responses = responses,
                           .groups = groups};
  target_->add_log_likelihood(theta, part, values, gradients);
}

}  // namespace jensen::advi
