#include "jensen/models/advi/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"

namespace jensen::advi {

std::vector<Repair> start(Advi& model, const StartRequest& request) {
  if (request.model == nullptr) return {};
  const Document& document = *request.model;
  Family q = model.family();
  const Vector means = document.vector("/parameters/unconstrained_means");
  if (means.size() != q.size()) {
    throw InputError(fmt::format("'{}' has {} unconstrained parameters (must be {}, as the target has)",
                                 document.origin, means.size(), q.size()));
  }
  const Vector stored = document.vector("/parameters/q");
  if (stored.size() == q.parameters().size()) {
    q.parameters() = stored;
  } else {  // of another family: its means and deviations
    q.parameters().head(q.size()) = means;
    q.parameters().segment(q.size(), q.size()) =
        document.vector("/parameters/unconstrained_sds").array().log();
  }
  q.prepare();
  model.set_family(q);
  return {};
}

}  // namespace jensen::advi
