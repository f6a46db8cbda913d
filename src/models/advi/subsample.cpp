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

/// The records of a block that the subsample has, as a block of their own.
class Subsample::Part {
 public:
  Part(const Subsample& subsample, const ResponseBlock& block)
      : first_record_(block.features.first_record), features_(block.features.features()) {
    for (Index n = 0; n < block.rows(); ++n) {
      if (!subsample.contains(block.features.first_record + n)) continue;
      const double* const record = block.features.records.data() + n * features_;
      records_.insert(records_.end(), record, record + features_);
      weights_.push_back(block.weight(n));
      const auto at = static_cast<std::size_t>(n);
      if (!block.responses.empty()) responses_.push_back(block.responses[at]);
      if (!block.groups.empty()) groups_.push_back(block.groups[at]);
    }
  }

  Index rows() const { return std::ssize(weights_); }
  /// Valid as long as this part.
  ResponseBlock block() const {
    return {.features = {.first_record = first_record_,
                         .records = RowMatrixView(records_.data(), rows(), features_),
                         .weights = weights_},
            .responses = responses_,
            .groups = groups_};
  }

 private:
  Index first_record_, features_;
  AlignedVector<double> records_, weights_;
  std::vector<double> responses_;
  std::vector<Index> groups_;
};

void Subsample::add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                   Points* gradients) const {
  if (share_ >= 1) return target_->add_log_likelihood(theta, block, values, gradients);
  const Part part(*this, block);
  if (part.rows() > 0) target_->add_log_likelihood(theta, part.block(), values, gradients);
}

void Subsample::add_expected_information(std::span<const double> theta, const ResponseBlock& block,
                                         Eigen::Ref<Matrix> information) const {
  if (share_ >= 1) return target_->add_expected_information(theta, block, information);
  const Part part(*this, block);
  if (part.rows() > 0) target_->add_expected_information(theta, part.block(), information);
}

}  // namespace jensen::advi
