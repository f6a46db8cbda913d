#pragma once

#include <vector>

#include "jensen/models/advi/advi.hpp"
#include "jensen/models/advi/start_request.hpp"

namespace jensen::advi {

/// Gives q its first parameters. Throws InputError where a model file has no q for this target.
std::vector<Repair> start(Advi& model, const StartRequest& request);

}  // namespace jensen::advi
