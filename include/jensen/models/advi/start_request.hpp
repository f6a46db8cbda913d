#pragma once

#include "jensen/core/document.hpp"
#include "jensen/models/advi/points_pass.hpp"

namespace jensen::advi {

enum class StartKind {
  laplace,  // the normal of the posterior's mode
  centre,   // the target's own, with narrow deviations
  model,    // q of a model file
};

/// What q is begun with.
struct StartRequest {
  StartKind kind = StartKind::centre;
  const ResponseShard& shard;
  const Communicator& comm;
  const Document* model = nullptr;
};

}  // namespace jensen::advi
