#pragma once

#include "jensen/core/document.hpp"

namespace jensen::advi {

/// What q is begun with: the target's own centre, or q of a model file.
struct StartRequest {
  const Document* model = nullptr;
};

}  // namespace jensen::advi
