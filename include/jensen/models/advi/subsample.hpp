#pragma once

#include <memory>

#include "jensen/models/advi/target.hpp"

namespace jensen::advi {

/// A target that looks at a random part of the records: at each with probability `share`. Whether is a
/// function of (seed, record) alone; a smaller share of the same seed has some of the records of a larger
/// one, and a share of 1 all of them.
class Subsample final : public Target {
 public:
  /// @pre 0 <= share <= 1
  Subsample(std::shared_ptr<const Target> target, double share, std::uint64_t seed)
      : target_(std::move(target)), share_(share), seed_(seed) {}

  bool contains(Index record) const;

  const std::vector<ParameterBlock>& parameters() const override { return target_->parameters(); }
  double log_prior(std::span<const double> theta, std::span<double> gradient) const override {
    return target_->log_prior(theta, gradient);
  }
  void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                          Points* gradients) const override;
  Vector start() const override { return target_->start(); }
  bool has_expected_information() const override { return target_->has_expected_information(); }
  void add_expected_information(std::span<const double> theta, const ResponseBlock& block,
                                Eigen::Ref<Matrix> information) const override;

 private:
  class Part;

  std::shared_ptr<const Target> target_;
  double share_;
  std::uint64_t seed_;
};

}  // namespace jensen::advi
