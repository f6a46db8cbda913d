#pragma once

#include <fmt/format.h>

#include "console.hpp"
#include "fitted.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/io/results.hpp"
#include "jensen/io/safe_file.hpp"
#include "results.hpp"

namespace jensen::app {

/// What is written for each record, under the model's own names.
template <class Method>
std::vector<io::ResultColumn> result_columns(bool labels, Index shares) {
  std::vector<io::ResultColumn> columns;
  if (labels) columns.push_back({.name = "labels", .type = io::ResultColumn::Type::int32});
  for (const std::string& name : Method::prediction_columns()) columns.push_back({.name = name});
  if (shares > 0) columns.push_back({.name = DataOf<Method>::kShares, .width = shares});
  return columns;
}

/// Streams predictions of all records to one file, piece by piece: what the model says of each and, if asked
/// for, its label and its `shares` (K, or 0: none).
template <class Method, class Shard>
void write_predictions(const typename Method::Model& model, const Shard& shard, const std::string& output,
                       bool labels, Index shares, const Document& header, const Communicator& comm,
                       StatusLine& line) {
  io::ResultsWriter writer(output, shard.partition(), result_columns<Method>(labels, shares), header, comm);
  const auto names = Method::prediction_columns();
  typename Shard::Buffer buffer;
  Prediction prediction;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    std::vector<std::int32_t> label_piece;
    std::vector<std::vector<double>> pieces(names.size());
    std::vector<double> shares_piece;
    for (Index i = rows.first_block; i < rows.first_block + rows.block_count; ++i) {
      Method::predict(model, shard.block(i, buffer), prediction);
      for (const Index label : prediction.labels) label_piece.push_back(static_cast<std::int32_t>(label));
      for (std::size_t c = 0; c < names.size(); ++c) {
        const auto column = prediction.values.col(static_cast<Index>(c));
        pieces[c].insert(pieces[c].end(), column.begin(), column.end());
      }
      if (shares > 0) {
        const RowMatrix r = prediction.responsibilities;
        shares_piece.insert(shares_piece.end(), r.data(), r.data() + r.size());
      }
    }
    if (labels) writer.write("labels", round, std::span<const std::int32_t>(label_piece));
    for (std::size_t c = 0; c < names.size(); ++c)
      writer.write(names[c], round, std::span<const double>(pieces[c]));
    if (shares > 0) writer.write(DataOf<Method>::kShares, round, std::span<const double>(shares_piece));
    line.show(fmt::format("{:.0f} % of the {} written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds()),
                          DataOf<Method>::kNouns.records));
  }
  writer.finish();
}

/// Says what was written, as text or JSON.
void report_predictions(const PredictSettings& settings, const std::vector<io::ResultColumn>& columns,
                        Index records, const Nouns& nouns, const std::string& input,
                        const std::string& model_file);

/// `jensen predict`: the label of each record, and what the model says of it.
template <class Method>
int run_predict(const Document& document, const PredictSettings& settings, const std::string& input,
                const Communicator& comm) {
  using Data = DataOf<Method>;
  if (settings.output.empty()) throw UsageError("output is missing; give -o FILE, where the results go");
  if (settings.responsibilities && !Method::kHasResponsibilities) {
    throw UsageError(fmt::format("{} has no responsibilities; leave out --responsibilities", Method::kName));
  }
  const ProgressStyle style = progress_style(settings.progress);
  const auto fitted = restore<Method>(document);
  comm.on_root([&] {
    keep_inputs(settings.output, {input, document.origin});
    io::probe_directory_of(settings.output);
  });
  const auto data = Data::load_for(document, fitted.space, fitted.options, input, "", comm);
  StatusLine line(comm.is_root() ? style : ProgressStyle::none);
  const Index shares = settings.responsibilities || Data::kAlwaysShares ? fitted.components : 0;
  write_predictions<Method>(fitted.model, data.shard, settings.output, true, shares,
                            results_header(document, input), comm, line);
  line.clear();
  if (comm.is_root()) {
    const Index records = RecordLayout(data.shard.partition()).records;
    report_predictions(settings, result_columns<Method>(true, shares), records, Data::kNouns,
                       data.shard.info().source, document.origin);
  }
  return 0;
}

}  // namespace jensen::app
