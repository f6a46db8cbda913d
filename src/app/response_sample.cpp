#include "response_sample.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "console.hpp"
#include "jensen/io/results.hpp"
#include "json.hpp"

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
  fmt::print("{} draws of {} parameters from {}, seed {}\n", request.records, parameters, document.origin,
             request.seed);
  fmt::print("written to {}:/draws, a row each\n", request.output);
}

}  // namespace jensen::app
