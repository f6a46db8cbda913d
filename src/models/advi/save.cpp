#include "jensen/core/error.hpp"
#include "jensen/models/advi/advi.hpp"

namespace jensen::advi {

void Advi::save(Document& document) const {
  const Family q = posterior();
  document.set_attribute("/", "model", std::string("advi"));
  document.set_attribute("/fit", "components", settings_.components);
  document.set_attribute("/parameters", "family", std::string(name_of(q.covariance())));
  document.set_attribute("/parameters", "rank", q.rank());
  document.set("/parameters/q", q.parameters());
  document.set("/parameters/unconstrained_means", Vector(q.mean()));
  document.set("/parameters/unconstrained_sds", q.deviations());
  document.set_attribute("/parameters", "step_size", in_trials(t_) ? 0 : step_size());
  document.set_attribute("/parameters", "failed_draws", failed_draws());
}

void Advi::require_valid() const {
  for (const Family* const q : {&family_, &first_}) {
    if (!q->parameters().allFinite())
      throw InputError("the parameters of q in '/state' are not finite everywhere (must be)");
  }
  if (!best_parameters_.allFinite() || best_windows_ < 0)
    throw InputError("the mean parameters of q in '/state' are not finite everywhere (must be)");
}

}  // namespace jensen::advi
