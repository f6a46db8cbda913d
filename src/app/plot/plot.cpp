#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/fit_setup.hpp"
#include "app/json.hpp"
#include "app/print.hpp"
#include "app/registry.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"
#include "jensen/io/safe_file.hpp"
#include "page.hpp"
#include "sample.hpp"

namespace jensen::app {
namespace {

constexpr Index kMostRecords = 100'000;

void require_settings(const PlotSettings& settings) {
  if (settings.output.empty()) throw UsageError("output is missing; give -o FILE, the HTML page to write");
  if (settings.records < 0 || settings.records > kMostRecords) {
    throw UsageError(
        fmt::format("records = {} (must be 0 to {}; each is drawn once for each pair of features)",
                    settings.records, kMostRecords));
  }
}

/// Throws UsageError where settings ask for records or features that the model cannot show.
void require_plane_for(const PlotSettings& settings, const RegisteredModel& model) {
  const std::string why = model.why_no_plane();
  const char* const option = !settings.data.empty() ? "data" : !settings.features.empty() ? "features" : "";
  if (why.empty() || *option == '\0') return;
  throw UsageError(fmt::format("--{} is not for {}: {}; leave it out", option, model.name(), why));
}

void plot_on_one_rank(const std::string& file, const PlotSettings& settings) {
  const Document document = read_model(file, Communicator());
  const auto model = model_of(document);
  require_plane_for(settings, *model);
  const std::string source = plot::data_name(document, settings);
  keep_inputs(settings.output, {file, source});
  io::probe_directory_of(settings.output);
  const plot::Sample sample = plot::read_sample(document, settings, source, *model);
  const plot::Page page = plot::make_page(document, *model, settings.features, sample);
  io::write_file_safely(settings.output, std::as_bytes(std::span(page.html)));
  if (settings.records > 0) {
    for (const std::string& note : sample.notes) print_error(fmt::format("jensen: note: {}\n", note));
  }
  if (settings.json) {
    return print_json({{"model_file", file},
                       {"output", settings.output},
                       {"sections", page.shown},
                       {"left_out", page.left_out},
                       {"notes", sample.notes}});
  }
  print_out("a page of {} sections written to {}{}\n", page.shown, settings.output,
            page.left_out == 0 ? "" : fmt::format("; {} left out, as it says", page.left_out));
}

}  // namespace

int plot_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  PlotSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"FILE.h5"}, "plot");
  require_settings(settings);
  comm.on_root([&] { plot_on_one_rank(positional[0], settings); });
  return 0;
}

}  // namespace jensen::app
