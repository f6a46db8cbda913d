#pragma once

#include <fmt/format.h>

#include <string>

#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/archive.hpp"
#include "jensen/io/dataset.hpp"

namespace jensen::app {

/// A model of a file, ready for use, and the options it was fitted with.
template <class Method>
struct Fitted {
  typename Method::Options options;
  Transform transform;
  typename Method::Model model;
};

/// The internal coordinates of a file; throws InputError where these are none.
Transform stored_transform(const Document& document);

/// The number of components in a file that has arrays for so many; throws InputError.
Index stored_components(const Document& document, Index features);

/// Records in a block of the fit, 0 = chosen from N; throws InputError.
Index stored_block_rows(const Document& document);

/// The model in "/state". Throws Error where it cannot be one; looks at "/parameters" not at all.
template <class Method>
Fitted<Method> load_model(const Document& document) {
  typename Method::Options options;
  for (const Option& option : options_of(options)) {
    if (!document.has_attribute("/config", option.name)) continue;
    option.set(to_text(document.attributes().at("/config").at(option.name)));
  }
  const Transform transform = stored_transform(document);
  const Index features = transform.features();
  auto model =
      Method::make(options, stored_components(document, features), unit_summary(features), transform, 0);
  load_state(model, stored_state(document));
  model.require_valid(transform);
  model.prepare(0);
  return {std::move(options), transform, std::move(model)};
}

/// Runs `work`; an Error becomes an InputError that names the file.
template <class Work>
auto naming_file(const Document& document, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, error.what()));
  }
}

/// The model of a file. Throws InputError where the file lacks something or holds what no fit writes: numbers
/// that cannot be parameters, or "/parameters" and "/state" that differ.
template <class Method>
Fitted<Method> restore(const Document& document) {
  return naming_file(document, [&] {
    Method::require_parameters(document);
    auto fitted = load_model<Method>(document);
    Method::require_agreement(fitted.model, fitted.transform, document);
    return fitted;
  });
}

/// The records to be judged by a model, in its internal coordinates. Throws InputError where they have
/// another number of features.
io::LoadedData load_for(const Document& document, const Transform& transform, const std::string& input,
                        const std::string& weights, const Communicator& comm);

}  // namespace jensen::app
