#pragma once

#include <functional>

#include "jensen/data/response_shard.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::advi {

constexpr double kNoMargin = 1e-9;  // of a predictor's lead, relative to the record's length: rounding

/// What all records say of a direction. A record's difference between its class y and another c is the vector
/// that takes a direction to (eta_y - eta_c) / |(1, x)|: C - 1 parts of 1 + D numbers, of which that of y is
/// (1, x) and that of c is -(1, x), and the others and that of class 0 are left out.
struct SeparationPass {
  double records = 0, separated = 0, moved = 0;  // leads over all, over one other class
  Matrix wrong =
      {};  // differences that are below 0 in this direction, the worst of a record, in records' order
};

/// `direction`: (C - 1) x (1 + D), of length 1. Brings the 256 worst records at most. Collective.
SeparationPass separation_pass(const ResponseShard& shard, const Matrix& direction, const Communicator& comm,
                               const std::function<bool(Index)>& contains);

}  // namespace jensen::advi
