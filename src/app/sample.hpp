#pragma once

#include <fmt/format.h>

#include "console.hpp"
#include "fitted.hpp"
#include "sample_request.hpp"

namespace jensen::app {

/// `jensen sample`: records drawn from the model.
template <class Method>
int run_sample(const Document& document, const SampleSettings& settings, const Communicator& comm) {
  const SampleRequest request = sample_request(settings);
  if constexpr (!requires { typename Method::Sampler; }) {
    throw InputError(fmt::format("nothing can be drawn from '{}': {}", document.origin, Method::kNoSampler));
  } else {
    using Data = DataOf<Method>;
    constexpr bool kDrawsParameters = requires {
      typename Method::ResponseSampler;
    };
    if (request.predictive && !kDrawsParameters) {
      throw UsageError(
          fmt::format("'{}' draws {} anyway; leave out --predictive", document.origin, Data::kNouns.records));
    }
    const auto fitted = restore<Method>(document);
    if constexpr (kDrawsParameters) {
      if (request.predictive) {
        Data::template draw_predictive<Method>(fitted.model, fitted.options, fitted.space, document, request,
                                               comm);
        return 0;
      }
    }
    Data::template draw<Method>(fitted.model, fitted.space, fitted.components, document, request, comm);
    return 0;
  }
}

}  // namespace jensen::app
