#include "jensen/models/advi/bernstein_von_mises_record.hpp"

#include <fmt/format.h>

#include <cmath>

namespace jensen::advi {
namespace {

const std::string kGroup = "/fit/bernstein_von_mises";

NdArray sentences(const std::vector<std::string>& texts) {
  return {{static_cast<Index>(texts.size())}, texts};
}

}  // namespace

void record(const BernsteinVonMises& found, Document& document) {
  std::vector<const BernsteinVonMisesStep*> steps;
  std::vector<std::string> refused_parts;
  for (const BernsteinVonMisesStep& step : found.steps) {
    if (step.refusal.empty()) {
      steps.push_back(&step);
    } else {
      refused_parts.push_back(fmt::format("{:g} records: {}", step.records, step.refusal));
    }
  }
  const auto set = [&](const std::string& name, auto value_of) {
    Vector values(static_cast<Index>(steps.size()));
    for (std::size_t i = 0; i < steps.size(); ++i) values[static_cast<Index>(i)] = value_of(*steps[i]);
    document.set(kGroup + "/" + name, values);
  };
  using Step = BernsteinVonMisesStep;
  set("records", [](const Step& step) { return step.records; });
  set("effective_draws", [](const Step& step) { return step.effective_draws; });
  set("mean_field_gap", [](const Step& step) { return step.mean_field_gap; });
  set("sandwich_ratio", [](const Step& step) { return step.sandwich_ratio; });
  const auto set_distance = [&](const std::string& name, const NormalDistance Step::*normal) {
    set(name + "/divergence", [=](const Step& step) { return (step.*normal).divergence; });
    set(name + "/divergence_error", [=](const Step& step) { return (step.*normal).divergence_error; });
    set(name + "/mean_difference", [=](const Step& step) { return (step.*normal).mean_difference; });
    set(name + "/deviation_difference",
        [=](const Step& step) { return (step.*normal).deviation_difference; });
  };
  set_distance("laplace", &Step::laplace);
  set_distance("likelihood", &Step::likelihood);
  set_distance("observed", &Step::observed);
  set_distance("sandwich", &Step::sandwich);
  set("expected_information", [](const Step& step) { return step.expected ? 1.0 : 0.0; });
  if (std::isfinite(found.rate)) document.set_attribute(kGroup, "rate", found.rate);
  document.set_attribute(kGroup, "holds", std::int64_t{found.holds});
  document.set(kGroup + "/conditions", sentences(bernstein_von_mises_conditions()));
  document.set(kGroup + "/verdict", sentences(found.verdict));
  document.set(kGroup + "/refusals", sentences(found.refusals));
  document.set(kGroup + "/refused_parts", sentences(refused_parts));
}

}  // namespace jensen::advi
