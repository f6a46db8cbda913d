#include "jensen/models/advi/start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

/// Throws InputError where a file's parameters are not called as the target's.
void require_names(const Target& target, const Document& document) {
  const char* const path = "/parameters/names";
  if (!document.has(path)) return;
  const auto* const stored = std::get_if<std::vector<std::string>>(&document.array(path).values);
  const std::vector<std::string> names = target.reported_names();
  for (std::size_t i = 0; stored != nullptr && i < std::min(stored->size(), names.size()); ++i) {
    if ((*stored)[i] == names[i]) continue;
    throw InputError(fmt::format(
        "parameter {} of '{}' is '{}' (must be '{}', as in this target); begin with a model of the same "
        "features, groups and classes",
        i, document.origin, (*stored)[i], names[i]));
  }
}

void start_from_file(Advi& model, const Document& document) {
  Family q = model.family();
  require_names(model.target(), document);
  const Vector means = document.vector("/parameters/unconstrained_means");
  if (means.size() != q.size()) {
    throw InputError(fmt::format("'{}' has {} unconstrained parameters (must be {}, as the target has)",
                                 document.origin, means.size(), q.size()));
  }
  const Vector stored = document.vector("/parameters/q");
  const bool same_family = document.text_attribute("/parameters", "family") == name_of(q.covariance());
  if (same_family && stored.size() == q.parameters().size()) {
    q.parameters() = stored;
  } else {  // of another family: its means and deviations
    q.parameters().head(q.size()) = means;
    q.parameters().segment(q.size(), q.size()) =
        document.vector("/parameters/unconstrained_sds").array().log();
  }
  q.prepare();
  const Vector deviations = q.deviations();
  for (Index i = 0; i < q.size(); ++i) {
    if (std::isfinite(q.mean()[i]) && deviations[i] > 0 && std::isfinite(deviations[i])) continue;
    throw InputError(fmt::format(
        "unconstrained parameter {} of '{}' has mean {} and standard deviation {} (must be finite, and the "
        "deviation positive)",
        i, document.origin, q.mean()[i], deviations[i]));
  }
  model.set_family(q);
}

}  // namespace

std::vector<Repair> start(Advi& model, const StartRequest& request) {
  if (request.kind == StartKind::laplace) return start_from_mode(model, request);
  if (request.kind == StartKind::model) start_from_file(model, *request.model);
  return {};
}

}  // namespace jensen::advi
