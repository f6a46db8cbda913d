#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "predict.hpp"

namespace jensen::app {

/// Whether records of this fingerprint are those that the model was fitted to, weights included.
bool is_training_data(const Document& document, const std::array<std::uint64_t, 2>& fingerprint);

/// Prints what `evaluate` wrote, as text or JSON; criteria only for the training data.
void print_score(const Document& evaluation, const Nouns& nouns, bool training, const ScoreSettings& settings,
                 const std::string& input, const std::string& model_file);

/// What is said of each record, to a file: by a Method's `scorer`, or all that `predict` says but the label.
template <class Method, class Shard>
void write_scores(const Fitted<Method>& fitted, const Shard& shard, const std::string& output,
                  const Document& header, const Communicator& comm) {
  StatusLine line(ProgressStyle::none);
  const char* const records = DataOf<Method>::kNouns.records;
  if constexpr (requires { &Method::scorer; }) {
    std::vector<io::ResultColumn> columns;
    for (const std::string& name : Method::score_columns()) columns.push_back({.name = name});
    write_predictions(shard, Method::scorer(fitted.model, fitted.options), output, columns, header, records,
                      comm, line);
  } else {
    auto columns = result_columns(fitted, false);
    columns.erase(columns.begin());
    const auto predict = [&](const auto& block, Prediction& prediction) {
      Method::predict(fitted.model, block, prediction);
    };
    write_predictions(shard, predict, output, columns, header, records, comm, line);
  }
}

/// `jensen score`: how well the model describes the records.
template <class Method>
int run_score(const Document& document, const ScoreSettings& settings, const std::string& input,
              const Communicator& comm) {
  using Data = DataOf<Method>;
  const auto fitted = restore<Method>(document);
  if (!settings.output.empty()) {
    comm.on_root([&] {
      keep_inputs(settings.output, {input, settings.weights, document.origin});
      io::probe_directory_of(settings.output);
    });
  }
  const auto data = Data::load_for(document, fitted.space, fitted.options, input, settings.weights, comm);
  const bool training = is_training_data(document, data.fingerprint);
  Document evaluation;
  if constexpr (requires { &Method::score; }) {
    Method::score(fitted.model, fitted.options, data.shard, training, comm, evaluation);
  } else {
    Method::evaluate(fitted.model, fitted.options, data.shard, comm, evaluation);
  }
  if (!settings.output.empty())
    write_scores(fitted, data.shard, settings.output, results_header(document, input), comm);
  if (comm.is_root()) print_score(evaluation, Data::kNouns, training, settings, input, document.origin);
  return 0;
}

}  // namespace jensen::app
