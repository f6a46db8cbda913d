#pragma once

#include <functional>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"
#include "sample_request.hpp"

namespace jensen::app {

/// Writes `request.records` draws of parameters to "/draws", a row each, their names beside them: every rank
/// its own, piece by piece. Collective.
void draw_parameters(const std::function<Vector(Index)>& draw, const std::vector<std::string>& names,
                     const Document& document, const SampleRequest& request, const Communicator& comm);

}  // namespace jensen::app
