#include "jensen/models/advi/start.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/laplace.hpp"

namespace jensen::advi {
namespace {

constexpr Index kMostParameters = 500;  // of which a Hessian is made by differences

std::vector<Repair> start_from_mode(Advi& model, const StartRequest& request) {
  const auto begin_at_centre = [](const std::string& why) {
    return std::vector<Repair>{{.what = "begun at the centre, as there is no Laplace approximation: " + why}};
  };
  Family q = model.family();
  if (q.size() > kMostParameters) {
    return begin_at_centre(
        fmt::format("{} unconstrained parameters are more than {}", q.size(), kMostParameters));
  }
  const Laplace normal = laplace(model.shared_target(), model.target().start(), request.shard, request.comm);
  if (!normal.found()) return begin_at_centre(normal.refusal);
  q.set_normal(normal.mode, normal.covariance, normal.precision);
  model.set_family(q);
  return {};
}

void start_from_file(Advi& model, const Document& document) {
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
}

}  // namespace

std::vector<Repair> start(Advi& model, const StartRequest& request) {
  if (request.kind == StartKind::laplace) return start_from_mode(model, request);
  if (request.kind == StartKind::model) start_from_file(model, *request.model);
  return {};
}

}  // namespace jensen::advi
