#include "sample.hpp"

#include <fmt/ranges.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "jensen/io/safe_file.hpp"
#include "json.hpp"
#include "predict.hpp"
#include "report.hpp"

namespace jensen::app {

SampleRequest sample_request(const SampleSettings& settings) {
  if (settings.output.empty())
    throw UsageError("output is missing; give -o FILE.h5, where the drawn records go");
  if (settings.records.empty())
    throw UsageError("records is missing; give -n N, the number of records to draw");
  SampleRequest request;
  parse_option("records", settings.records, request.records);
  constexpr Index kMost = Index{1} << 53;
  if (request.records < 1 || request.records > kMost) {
    throw UsageError(fmt::format("records = {} (must be 1 to {})", request.records, kMost));
  }
  if (settings.seed < 0) throw UsageError(fmt::format("seed = {} (must be 0 or more)", settings.seed));
  request.seed = static_cast<std::uint64_t>(settings.seed);
  return request;
}

void require_room_for_sample(const SampleSettings& settings, Index records, Index features,
                             const std::string& model_file) {
  keep_inputs(settings.output, {model_file});
  io::probe_directory_of(settings.output);
  const std::filesystem::path output(settings.output);
  std::error_code unknown;
  const auto space = std::filesystem::space(output.has_parent_path() ? output.parent_path() : ".", unknown);
  const double needed = static_cast<double>(records) * (8 * static_cast<double>(features) + 4);
  if (unknown || needed <= static_cast<double>(space.available)) return;
  throw IoError(fmt::format(
      "cannot write '{}' ({} records of {} features take {}, and {} are free there); draw fewer, or name "
      "another output",
      settings.output, records, features, human_bytes(needed),
      human_bytes(static_cast<double>(space.available))));
}

Document sample_header(const Document& model, const SampleRequest& request) {
  Document header = results_header(model);
  header.set_attribute("/", "seed", static_cast<std::int64_t>(request.seed));
  return header;
}

void report_sample(const SampleSettings& settings, const SampleRequest& request, Index features,
                   const std::vector<std::int64_t>& counts, const std::string& model_file) {
  if (settings.json) {
    print_json({{"output", settings.output},
                {"model_file", model_file},
                {"records", request.records},
                {"features", features},
                {"seed", request.seed},
                {"sizes", counts}});
    return;
  }
  fmt::print("{} records x {} features drawn from {}, seed {}\n", request.records, features, model_file,
             request.seed);
  fmt::print("records written to {}:/data, their components to {}:/labels\n", settings.output,
             settings.output);
}

}  // namespace jensen::app
