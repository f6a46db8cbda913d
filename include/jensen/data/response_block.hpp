#pragma once

#include <span>

#include "jensen/data/block.hpp"

namespace jensen {

/// A fixed slice of records of which some numbers are to be explained by others.
struct ResponseBlock {
  DenseBlock features = {};
  std::span<const double> responses = {};  // B, or empty: there are none
  std::span<const Index> groups = {};      // B numbers from 0, or empty: all records are one group

  Index rows() const { return features.rows(); }
  double weight(Index row) const { return features.weight(row); }
};

}  // namespace jensen
