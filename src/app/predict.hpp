#pragma once

#include <fmt/format.h>

#include "console.hpp"
#include "fitted.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/io/results.hpp"
#include "jensen/io/safe_file.hpp"
#include "results.hpp"

namespace jensen::app {

/// Classes or components whose shares a model gives each record.
template <class Method>
Index shares_of(const Fitted<Method>& fitted) {
  if constexpr (requires { &Method::class_names; }) {
    return static_cast<Index>(Method::class_names(fitted.model).size());
  } else {
    return fitted.components;
  }
}

/// What `predict` says of each record: its label, values under the model's own names, and if asked for
/// shares.
template <class Method>
std::vector<io::ResultColumn> result_columns(const Fitted<Method>& fitted, bool shares) {
  const auto names = [&] {
    if constexpr (requires { Method::prediction_columns(fitted.model); }) {
      return Method::prediction_columns(fitted.model);
    } else {
      return Method::prediction_columns();
    }
  };
  std::vector<io::ResultColumn> columns = {{.name = "labels", .type = io::ResultColumn::Type::int32}};
  for (const std::string& name : names()) columns.push_back({.name = name});
  if (shares) columns.push_back({.name = DataOf<Method>::kShares, .width = shares_of(fitted)});
  return columns;
}

/// Streams to one file, piece by piece, what `predict(block, prediction)` says of all records: integers are
/// the labels, what has a width is the responsibilities, the other columns are the values in their order.
template <class Shard, class Predict>
void write_predictions(const Shard& shard, const Predict& predict, const std::string& output,
                       const std::vector<io::ResultColumn>& columns, const Document& header,
                       const char* records, const Communicator& comm, StatusLine& line) {
  io::ResultsWriter writer(output, shard.partition(), columns, header, comm);
  typename Shard::Buffer buffer;
  Prediction prediction;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    std::vector<std::int32_t> labels;
    std::vector<std::vector<double>> pieces(columns.size());
    comm.agree([&] {
      for (Index i = rows.first_block; i < rows.first_block + rows.block_count; ++i) {
        predict(shard.block(i, buffer), prediction);
        Index next = 0;
        for (std::size_t c = 0; c < columns.size(); ++c) {
          const auto append = [&](const auto& values) {
            pieces[c].insert(pieces[c].end(), values.data(), values.data() + values.size());
          };
          if (columns[c].type == io::ResultColumn::Type::int32) {
            for (const Index label : prediction.labels) labels.push_back(static_cast<std::int32_t>(label));
          } else if (columns[c].width > 0) {
            append(RowMatrix(prediction.responsibilities));
          } else {
            append(prediction.values.col(next++));
          }
        }
      }
    });
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].type == io::ResultColumn::Type::int32) {
        writer.write(columns[c].name, round, std::span<const std::int32_t>(labels));
      } else {
        writer.write(columns[c].name, round, std::span<const double>(pieces[c]));
      }
    }
    line.show(fmt::format("{:.0f} % of the {} written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds()),
                          records));
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
  if (settings.responsibilities && shares_of(fitted) == 0) {
    throw UsageError(fmt::format("'{}' has neither classes nor components; leave out --responsibilities",
                                 document.origin));
  }
  comm.on_root([&] {
    keep_inputs(settings.output, {input, document.origin});
    io::probe_directory_of(settings.output);
  });
  const auto data = Data::load_for(document, fitted.space, fitted.options, input, "", comm);
  StatusLine line(comm.is_root() ? style : ProgressStyle::none);
  const auto columns = result_columns(fitted, settings.responsibilities || Data::kAlwaysShares);
  Document header = results_header(document, input);
  if constexpr (requires { &Method::class_names; }) {
    const auto names = Method::class_names(fitted.model);
    if (!names.empty()) header.set("/classes", NdArray{{static_cast<Index>(names.size())}, names});
  }
  const auto predict = [&](const auto& block, Prediction& prediction) {
    Method::predict(fitted.model, block, prediction);
  };
  write_predictions(data.shard, predict, settings.output, columns, header, Data::kNouns.records, comm, line);
  line.clear();
  if (comm.is_root()) {
    report_predictions(settings, columns, RecordLayout(data.shard.partition()).records, Data::kNouns,
                       data.shard.info().source, document.origin);
  }
  return 0;
}

}  // namespace jensen::app
