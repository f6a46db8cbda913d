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
  Document evaluation;
  Method::evaluate(fitted.model, fitted.options, data.shard, comm, evaluation);
  if (!settings.output.empty()) {
    StatusLine line(ProgressStyle::none);
    write_predictions<Method>(fitted.model, data.shard, settings.output, false, 0,
                              results_header(document, input), comm, line);
  }
  if (comm.is_root()) {
    print_score(evaluation, Data::kNouns, is_training_data(document, data.fingerprint), settings, input,
                document.origin);
  }
  return 0;
}

}  // namespace jensen::app
