#include "response_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "console.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/results.hpp"
#include "json.hpp"
#include "print.hpp"

namespace jensen::app {

void draw_parameters(const std::function<Vector(Index)>& draw, const std::vector<std::string>& names,
                     const Document& document, const SampleRequest& request, const Communicator& comm) {
  const auto parameters = static_cast<Index>(names.size());
  comm.on_root([&] {
    require_room_for_sample(
        request, 8 * static_cast<double>(request.records) * static_cast<double>(parameters),
        fmt::format("{} draws of {} parameters", request.records, parameters), document.origin);
  });
  const Partition partition{.records = request.records,
                            .block_rows = chosen_block_rows(0, request.records),
                            .rank = comm.rank(),
                            .size = comm.size()};
  io::ResultsWriter writer(request.output, partition,
                           {{.name = "draws", .width = parameters, .feature_names = names}},
                           sample_header(document, request), comm);
  StatusLine line(comm.is_root() ? request.progress : ProgressStyle::none);
  std::vector<double> values;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    values.clear();
    for (Index row = 0; row < rows.count; ++row) {
      const Vector drawn = draw(partition.first_record() + rows.first + row);
      values.insert(values.end(), drawn.begin(), drawn.end());
    }
    writer.write("draws", round, std::span<const double>(values));
    line.show(fmt::format("{:.0f} % of the draws written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds())));
  }
  writer.finish();
  line.clear();
  if (!comm.is_root()) return;
  if (request.json) {
    print_json({{"output", request.output},
                {"model_file", document.origin},
                {"draws", request.records},
                {"parameters", names},
                {"seed", request.seed}});
    return;
  }
  print_out("{} draws of {} parameters from {}, seed {}\n", request.records, parameters, document.origin,
            request.seed);
  print_out("written to {}:/draws, a row each\n", request.output);
}

void require_room_for_responses(const Partition& partition, const SampleRequest& request,
                                const std::string& model_file, const Communicator& comm) {
  constexpr Index kMostAtOnce = Index{32} << 20;  // responses of a block
  comm.on_root([&] {
    if (const Index most = std::max<Index>(kMostAtOnce / partition.block_rows, 1); request.records > most) {
      throw UsageError(fmt::format("records = {} (must be at most {}: responses of {} records are in memory)",
                                   request.records, most, partition.block_rows));
    }
    require_room_for_sample(
        request, 8 * static_cast<double>(partition.records) * static_cast<double>(request.records),
        fmt::format("{} responses of each of {} records", request.records, partition.records), model_file);
  });
}

void draw_responses(const std::function<RowMatrix(const ResponseBlock&)>& draw, const ResponseShard& shard,
                    const std::vector<std::int64_t>& classes, const Document& document,
                    const SampleRequest& request, const Communicator& comm) {
  Document header = sample_header(document, request);
  header.set_attribute("/", "input", request.data);
  io::ResultsWriter writer(request.output, shard.partition(),
                           {{.name = "responses", .width = request.records}}, header, comm);
  StatusLine line(comm.is_root() ? request.progress : ProgressStyle::none);
  ResponseShard::Buffer buffer;
  std::vector<double> values;
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    values.clear();
    comm.agree([&] {
      for (Index i = rows.first_block; i < rows.first_block + rows.block_count; ++i) {
        const RowMatrix drawn = draw(shard.block(i, buffer));
        values.insert(values.end(), drawn.data(), drawn.data() + drawn.size());
      }
    });
    if (!classes.empty()) {
      for (double& value : values) value = static_cast<double>(classes[static_cast<std::size_t>(value)]);
    }
    writer.write("responses", round, std::span<const double>(values));
    line.show(fmt::format("{:.0f} % of the responses written",
                          100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds())));
  }
  writer.finish();
  line.clear();
  if (!comm.is_root()) return;
  const Index records = shard.partition().records;
  if (request.json) {
    print_json({{"output", request.output},
                {"model_file", document.origin},
                {"input", request.data},
                {"records", records},
                {"draws", request.records},
                {"seed", request.seed}});
    return;
  }
  print_out("{} responses of each of {} records from {}, seed {}\n", request.records, records,
            document.origin, request.seed);
  print_out("written to {}:/responses, a row for each record\n", request.output);
}

}  // namespace jensen::app
