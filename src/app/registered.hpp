#pragma once

#include <memory>

#include "check.hpp"
#include "compare/restored.hpp"
#include "predict.hpp"
#include "registry.hpp"
#include "run.hpp"
#include "sample.hpp"
#include "score.hpp"

namespace jensen::app {

/// A model's Method (see models/kmeans/method.hpp) and its start as a RegisteredModel.
template <class Method>
class Registered final : public RegisteredModel {
 public:
  explicit Registered(StartFunction<Method> start) : start_(std::move(start)) {}

  std::string name() const override { return Method::kName; }
  std::string summary() const override { return Method::kSummary; }
  Nouns nouns() const override { return Data::kNouns; }
  FitSettings default_settings() const override { return app::default_settings<Method>(); }
  std::vector<Option> fit_options(FitSettings& settings) const override {
    return app::fit_options<Method>(settings);
  }
  std::vector<Option> options() override { return options_of(options_); }

  int fit(const FitSettings& settings, const std::string& input, const Communicator& comm) override {
    if constexpr (requires { typename Method::Decomposed; }) {
      using Decomposed = typename Method::Decomposed;
      if (options_.decompose) {
        const auto start = [this](typename Decomposed::Model& model,
                                  const typename Data::StartRequest& request) {
          return start_(model.model(), request);
        };
        return run_fit<Decomposed>(settings, options_, start, input, comm);
      }
    }
    return run_fit<Method>(settings, options_, start_, input, comm);
  }
  int predict(const Document& document, const PredictSettings& settings, const std::string& input,
              const Communicator& comm) override {
    return run_predict<Method>(document, settings, input, comm);
  }
  int score(const Document& document, const ScoreSettings& settings, const std::string& input,
            const Communicator& comm) override {
    return run_score<Method>(document, settings, input, comm);
  }
  int sample(const Document& document, const SampleSettings& settings, const Communicator& comm) override {
    return run_sample<Method>(document, settings, comm);
  }
  RecordScores record_scores(const Document& document) const override {
    return app::record_scores<Method>(document);
  }
  mixture::Density density(const Document& document, std::uint64_t seed) const override {
    return app::density<Method>(document, seed);
  }
  std::string read_as() const override {
    if constexpr (requires { Method::kReadAs; }) return Method::kReadAs;
    return "";
  }
  void require_parameters(const Document& document) const override {
    naming_file(document, [&] { Method::require_parameters(document); });
  }
  void require_schema(const Document& document) const override { Data::require_schema(document); }
  std::string stored_sizes(const Document& document) const override { return Data::stored_sizes(document); }
  void check(const Document& document, Findings& findings) const override {
    check_model<Method>(document, findings);
  }
  Table component_table(const Document& document) const override { return Method::component_table(document); }
  std::string why_no_plane() const override { return Data::kNoPlane; }
  std::vector<Index> labels(const Document& document, const RowMatrix& records) const override {
    if constexpr (requires { Data::template labels<Method>; }) {
      const auto fitted = restore<Method>(document);
      return Data::template labels<Method>(fitted.model, fitted.space, records);
    } else {
      throw InputError(Data::kNoPlane);
    }
  }

 private:
  using Data = DataOf<Method>;

  typename Method::Options options_;
  StartFunction<Method> start_;
};

template <class Method>
std::unique_ptr<RegisteredModel> registered(StartFunction<Method> start) {
  return std::make_unique<Registered<Method>>(std::move(start));
}

}  // namespace jensen::app
