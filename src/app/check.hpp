#pragma once

#include <fmt/format.h>

#include <optional>

#include "findings.hpp"
#include "fitted.hpp"

namespace jensen::app {

/// The part of `jensen check` that knows the data and the model: what is said of the data, the parameters,
/// the saved state, and whether they agree.
template <class Method>
void check_model(const Document& document, Findings& findings) {
  using Data = DataOf<Method>;
  findings.check("data", [&] {
    Data::require_stored(document);
    return fmt::format("{}, from {}", Data::stored_sizes(document),
                       document.text_attribute("/data", "source"));
  });
  findings.check("parameters", [&] {
    Method::require_parameters(document);
    return std::string(Method::kParametersChecked);
  });
  std::optional<Fitted<Method>> fitted;
  findings.check("state", [&] {
    fitted.emplace(load_model<Method>(document));
    const std::string components = *Data::kNouns.components != 0
                                       ? fmt::format("{} {} of ", fitted->components, Data::kNouns.components)
                                       : "";
    return fmt::format("{}{} {}, ready for use", components, fitted->space.features(), Data::kNouns.features);
  });
  if (!fitted) return findings.leave_out("agreement", "there is no state to compare the parameters with");
  findings.check("agreement", [&] {
    Data::template require_agreement<Method>(fitted->model, fitted->space, document);
    return std::string("parameters and state are the same model");
  });
}

}  // namespace jensen::app
