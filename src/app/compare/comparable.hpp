#pragma once

#include <functional>
#include <string>
#include <variant>

#include "jensen/data/count_block.hpp"
#include "jensen/models/mixture/density.hpp"

namespace jensen::app {

/// What a model says of each record or document, nats, whatever the model is.
struct RecordScores {
  /// B values of a block of documents.
  using OfDocuments = std::function<void(const CountBlock&, Eigen::ArrayXd&)>;

  std::string name = {};  // "log-likelihood"
  bool is_bound = false;  // lower bounds of log-likelihoods
  std::variant<mixture::LogDensity, OfDocuments> values = {};
};

}  // namespace jensen::app
