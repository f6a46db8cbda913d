#pragma once

#include <vector>

#include "jensen/models/advi/advi.hpp"
#include "jensen/models/advi/start_request.hpp"

namespace jensen::advi {

/// Gives q its first parameters. Where there is no Laplace approximation it begins at the centre, and what is
/// returned says why. Collective. Throws InputError where a model file has no q for this target.
std::vector<Repair> start(Advi& model, const StartRequest& request);

}  // namespace jensen::advi
