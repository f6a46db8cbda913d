#pragma once

#include <string>

#include "data_of.hpp"
#include "jensen/fit/archive.hpp"
#include "stored.hpp"

namespace jensen::app {

/// A model of a file, ready for use, the options it was fitted with and where its records live.
template <class Method>
struct Fitted {
  typename Method::Options options;
  typename DataOf<Method>::Space space;
  Index components;
  typename Method::Model model;
};

/// The model in "/state". Throws Error where it cannot be one; looks at "/parameters" not at all.
template <class Method>
Fitted<Method> load_model(const Document& document) {
  using Data = DataOf<Method>;
  typename Method::Options options;
  for (const Option& option : options_of(options)) {
    if (!document.has_attribute("/config", option.name)) continue;
    option.set(to_text(document.attributes().at("/config").at(option.name)));
  }
  auto space = Data::stored_space(document);
  const Index components = stored_components(document, space.features());
  auto model = Data::template make<Method>(options, components, space, 0);
  load_state(model, stored_state(document));
  Data::require_valid(model, space);
  model.prepare(0);
  return {std::move(options), std::move(space), components, std::move(model)};
}

/// The model of a file. Throws InputError where the file lacks something or holds what no fit writes: numbers
/// that cannot be parameters, or "/parameters" and "/state" that differ.
template <class Method>
Fitted<Method> restore(const Document& document) {
  return naming_file(document, [&] {
    Method::require_parameters(document);
    auto fitted = load_model<Method>(document);
    DataOf<Method>::template require_agreement<Method>(fitted.model, fitted.space, document);
    return fitted;
  });
}

}  // namespace jensen::app
