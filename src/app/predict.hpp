#pragma once

#include <fmt/format.h>

#include "console.hpp"
#include "fitted.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/io/results.hpp"
#include "jensen/io/safe_file.hpp"

namespace jensen::app {

/// What is written for each record, under the model's own names.
template <class Method>
std::vector<io::ResultColumn> result_columns(bool labels, Index responsibilities) {
  std::vector<io::ResultColumn> columns;
  if (labels) columns.push_back({.name = "labels", .type = io::ResultColumn::Type::int32});
  for (const std::string& name : Method::prediction_columns()) columns.push_back({.name = name});
  if (responsibilities > 0) columns.push_back({.name = "responsibilities", .width = responsibilities});
  return columns;
}

/// Streams predictions of all records to one file, piece by piece.
template <class Method>
void write_predictions(const typename Method::Model& model, const DenseShard& shard,
                       const std::string& output, bool labels, bool responsibilities, const Document& header,
                       const Communicator& comm, StatusLine& line) {
  io::ResultsWriter writer(output, shard.partition(),
                           result_columns<Method>(labels, responsibilities ? model.components() : 0), header,
                           comm);
  const auto names = Method::prediction_columns();
  DenseShard::Buffer buffer;
  Prediction prediction;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    std::vector<std::int32_t> label_piece;
    std::vector<std::vector<double>> pieces(names.size());
    std::vector<double> responsibility_piece;
    for (Index i = rows.first_block; i < rows.first_block + rows.block_count; ++i) {
      Method::predict(model, shard.block(i, buffer), prediction);
      for (const Index label : prediction.labels) label_piece.push_back(static_cast<std::int32_t>(label));
      for (std::size_t c = 0; c < names.size(); ++c) {
        const auto column = prediction.values.col(static_cast<Index>(c));
        pieces[c].insert(pieces[c].end(), column.begin(), column.end());
      }
      if (responsibilities) {
        const RowMatrix r = prediction.responsibilities;
        responsibility_piece.insert(responsibility_piece.end(), r.data(), r.data() + r.size());
      }
    }
    if (labels) writer.write("labels", round, std::span<const std::int32_t>(label_piece));
    for (std::size_t c = 0; c < names.size(); ++c)
      writer.write(names[c], round, std::span<const double>(pieces[c]));
    if (responsibilities)
      writer.write("responsibilities", round, std::span<const double>(responsibility_piece));
    line.show(fmt::format("{:.0f} % of the records written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds())));
  }
  writer.finish();
}

/// The label of each of a few records, n x D in the data's units.
template <class Method>
std::vector<Index> labels_of(const Document& document, const RowMatrix& records) {
  const auto fitted = restore<Method>(document);
  const DenseShard shard = make_serial_shard(records).with_transform(fitted.transform);
  DenseShard::Buffer buffer;
  Prediction prediction;
  std::vector<Index> labels;
  for (Index i = 0; i < shard.block_count(); ++i) {
    Method::predict(fitted.model, shard.block(i, buffer), prediction);
    labels.insert(labels.end(), prediction.labels.begin(), prediction.labels.end());
  }
  return labels;
}

/// Says where results come from: from the model alone, or from these records too.
Document results_header(const Document& model);
Document results_header(const Document& model, const std::string& input);

/// Says what was written, as text or JSON.
void report_predictions(const PredictSettings& settings, const std::vector<io::ResultColumn>& columns,
                        const io::LoadedData& data, const std::string& model_file);

/// `jensen predict`: the label of each record, and what the model says of it.
template <class Method>
int run_predict(const Document& document, const PredictSettings& settings, const std::string& input,
                const Communicator& comm) {
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
  const io::LoadedData data = load_for(document, fitted.transform, input, "", comm);
  StatusLine line(comm.is_root() ? style : ProgressStyle::none);
  write_predictions<Method>(fitted.model, data.shard, settings.output, true, settings.responsibilities,
                            results_header(document, input), comm, line);
  line.clear();
  if (comm.is_root()) {
    const auto columns =
        result_columns<Method>(true, settings.responsibilities ? fitted.model.components() : 0);
    report_predictions(settings, columns, data, document.origin);
  }
  return 0;
}

}  // namespace jensen::app
