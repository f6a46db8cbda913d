#pragma once

#include <fmt/format.h>

#include <memory>

#include "app/fitted.hpp"
#include "comparable.hpp"

namespace jensen::app {

/// Of a Method with `density`; throws InputError where there is none, or the file cannot be used.
template <class Method>
mixture::Density density(const Document& document, std::uint64_t seed);

/// Of a Method with `log_density`, or whose file is read as a mixture, likewise.
template <class Method>
RecordScores record_scores(const Document& document) {
  if constexpr (requires { &Method::log_density; }) {
    auto fitted = std::make_shared<const Fitted<Method>>(restore<Method>(document));
    const auto of_block = [fitted](const typename Method::Model::Block& block, Eigen::ArrayXd& values) {
      Method::log_density(fitted->model, block, values);
    };
    RecordScores scores{.name = Method::kLogDensity};
    if constexpr (requires { Method::kIsBound; }) scores.is_bound = Method::kIsBound;
    if constexpr (std::is_same_v<typename Method::Model::Block, DenseBlock>) {
      scores.values = mixture::LogDensity{fitted->space.transform, of_block};
    } else {
      scores.values = of_block;
    }
    return scores;
  } else if constexpr (requires { Method::kReadAs; }) {
    return {.name = Method::kLogDensity, .values = density<Method>(document, 0).log_density};
  } else {
    throw InputError(
        fmt::format("'{}' cannot be compared: {} gives records no density; fit mixtures (gmm, bayes-gmm) and "
                    "compare them",
                    document.origin, Method::kName));
  }
}

template <class Method>
mixture::Density density(const Document& document, std::uint64_t seed) {
  if constexpr (requires { &Method::density; }) {
    auto fitted = std::make_shared<const Fitted<Method>>(restore<Method>(document));
    std::shared_ptr<const typename Method::Model> model(fitted, &fitted->model);
    if constexpr (requires { Method::kReadAs; }) {
      return Method::density(std::move(model), fitted->space.transform, seed, document);
    } else {
      return Method::density(std::move(model), fitted->space.transform, seed);
    }
  } else {
    record_scores<Method>(document);
    throw InputError(
        fmt::format("'{}' cannot be compared as it is: divergences are those of mixtures of records (found "
                    "{}); name data that both models are to describe, by --data",
                    document.origin, Method::kName));
  }
}

}  // namespace jensen::app
