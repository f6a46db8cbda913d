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

/// Throws InputError where the file lacks something.
template <class Method>
Fitted<Method> restore(const Document& document) {
  typename Method::Options options;
  for (const Option& option : options_of(options)) {
    if (!document.has_attribute("/config", option.name)) continue;
    option.set(to_text(document.attributes().at("/config").at(option.name)));
  }
  const Transform transform = stored_transform(document);
  auto model = Method::make(options, document.integer_attribute("/fit", "components"),
                            unit_summary(transform.features()), transform, 0);
  try {
    load_state(model, stored_state(document));
  } catch (const InputError& error) {
    throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, error.what()));
  }
  model.prepare(0);
  return {std::move(options), transform, std::move(model)};
}

/// The records to be judged by a model, in its internal coordinates. Throws InputError where they have
/// another number of features.
io::LoadedData load_for(const Document& document, const Transform& transform, const std::string& input,
                        const std::string& weights, const Communicator& comm);

}  // namespace jensen::app
