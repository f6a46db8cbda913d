#include "jensen/models/gmm/start.hpp"

#include "jensen/models/mixture/start.hpp"

namespace jensen::gmm {

std::vector<Repair> start(GaussianMixture& model, const StartRequest& request) {
  if (request.kind != StartKind::model || !request.model->has("/parameters/covariances"))
    return mixture::start_from_assignments(model, request);
  const mixture::GivenParameters given = mixture::given_parameters(request);
  model.set_parameters(given.weights, given.means, given.covariances);
  return {};
}

}  // namespace jensen::gmm
