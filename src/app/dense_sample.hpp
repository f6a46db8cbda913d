#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <vector>

#include "console.hpp"
#include "jensen/io/results.hpp"
#include "sample_request.hpp"

namespace jensen::app {

/// Says what was drawn, as text or JSON; `counts` of the components, or none.
void report_sample(const SampleRequest& request, Index features, const std::vector<std::int64_t>& counts,
                   const std::string& model_file);

/// Draws records into a file: every rank its own, piece by piece; with the component of each where there are
/// `components`. Collective.
template <class Sampler>
void draw_records(const Sampler& sampler, Index components, const Document& document,
                  const SampleRequest& request, const Communicator& comm) {
  const Index features = sampler.features();
  comm.on_root([&] {
    require_room_for_sample(
        request, static_cast<double>(request.records) * (8 * static_cast<double>(features) + 4),
        fmt::format("{} records of {} features", request.records, features), document.origin);
  });

  const Partition partition{.records = request.records,
                            .block_rows = chosen_block_rows(0, request.records),
                            .rank = comm.rank(),
                            .size = comm.size()};
  std::vector<io::ResultColumn> columns = {
      {.name = "data", .width = features, .feature_names = feature_names_of(document, features)}};
  if (components > 0) columns.push_back({.name = "labels", .type = io::ResultColumn::Type::int32});
  io::ResultsWriter writer(request.output, partition, columns, sample_header(document, request), comm);
  StatusLine line(comm.is_root() ? request.progress : ProgressStyle::none);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(components), 0);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    values.resize(static_cast<std::size_t>(rows.count * features));
    labels.resize(static_cast<std::size_t>(rows.count));
    for (Index row = 0; row < rows.count; ++row) {
      const std::span<double> record(values.data() + row * features, static_cast<std::size_t>(features));
      const Index label = sampler.draw(partition.first_record() + rows.first + row, record);
      labels[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(label);
      if (components > 0) ++counts[static_cast<std::size_t>(label)];
    }
    writer.write("data", round, std::span<const double>(values));
    if (components > 0) writer.write("labels", round, std::span<const std::int32_t>(labels));
    line.show(fmt::format("{:.0f} % of the records drawn and written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds())));
  }
  writer.finish();
  line.clear();
  comm.all_sum(std::span<std::int64_t>(counts));
  if (comm.is_root()) report_sample(request, features, counts, document.origin);
}

}  // namespace jensen::app
