#include "sample_request.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/safe_file.hpp"
#include "report.hpp"
#include "results.hpp"

namespace jensen::app {

SampleRequest sample_request(const SampleSettings& settings) {
  if (settings.output.empty())
    throw UsageError("output is missing; give -o FILE.h5, where the drawn records go");
  if (settings.records.empty())
    throw UsageError("records is missing; give -n N, the number of records to draw");
  if (!settings.data.empty() && !settings.predictive) {
    throw UsageError(
        fmt::format("data = {} goes with --predictive alone, for responses of these records; leave it out",
                    settings.data));
  }
  SampleRequest request{.predictive = settings.predictive,
                        .data = settings.data,
                        .output = settings.output,
                        .progress = progress_style(settings.progress),
                        .json = settings.json};
  parse_option("records", settings.records, request.records);
  constexpr Index kMost = Index{1} << 53;
  if (request.records < 1 || request.records > kMost) {
    throw UsageError(fmt::format("records = {} (must be 1 to {})", request.records, kMost));
  }
  if (settings.seed < 0) throw UsageError(fmt::format("seed = {} (must be 0 or more)", settings.seed));
  request.seed = static_cast<std::uint64_t>(settings.seed);
  return request;
}

void require_room_for_sample(const SampleRequest& request, double bytes, const std::string& what,
                             const std::string& model_file) {
  keep_inputs(request.output, {model_file, request.data});
  io::probe_directory_of(request.output);
  const std::filesystem::path output(request.output);
  std::error_code unknown;
  const auto space = std::filesystem::space(output.has_parent_path() ? output.parent_path() : ".", unknown);
  if (unknown || bytes <= static_cast<double>(space.available)) return;
  throw IoError(fmt::format(
      "cannot write '{}' ({} take {}, and {} are free there); draw fewer, or name another output",
      request.output, what, human_bytes(bytes), human_bytes(static_cast<double>(space.available))));
}

Document sample_header(const Document& model, const SampleRequest& request) {
  Document header = results_header(model);
  header.set_attribute("/", "seed", static_cast<std::int64_t>(request.seed));
  return header;
}

}  // namespace jensen::app
