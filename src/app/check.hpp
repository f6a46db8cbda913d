#pragma once

#include <fmt/format.h>

#include <optional>

#include "findings.hpp"
#include "fitted.hpp"

namespace jensen::app {

/// The part of `jensen check` that knows the model: its parameters, its saved state, and whether they agree.
template <class Method>
void check_model(const Document& document, Findings& findings) {
  findings.check("parameters", [&] {
    Method::require_parameters(document);
    return std::string(Method::kParametersChecked);
  });
  std::optional<Fitted<Method>> fitted;
  findings.check("state", [&] {
    fitted.emplace(load_model<Method>(document));
    return fmt::format("{} components of {} features, ready for use", fitted->model.components(),
                       fitted->model.features());
  });
  if (!fitted) return findings.leave_out("agreement", "there is no state to compare the parameters with");
  findings.check("agreement", [&] {
    Method::require_agreement(fitted->model, fitted->transform, document);
    return std::string("parameters and state are the same model");
  });
}

}  // namespace jensen::app
