#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/import_csv.hpp"
#include "jensen/io/import_npy.hpp"
#include "jensen/io/safe_file.hpp"
#include "json.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace jensen::app {
namespace {

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

io::CsvOptions csv_options(const ImportSettings& settings) {
  using Header = io::CsvOptions::Header;
  io::CsvOptions options{.delimiter = settings.delimiter,
                         .dataset = settings.dataset,
                         .float32 = settings.float32,
                         .columns = split_list(settings.columns)};
  if (settings.delimiter == "tab" || settings.delimiter == "\\t") options.delimiter = "\t";
  if (settings.delimiter == "space") options.delimiter = " ";
  if (settings.delimiter == "comma") options.delimiter = ",";
  if (settings.delimiter == "semicolon") options.delimiter = ";";
  if (settings.header == "yes") options.header = Header::yes;
  if (settings.header == "no") options.header = Header::no;
  if (settings.header != "auto" && settings.header != "yes" && settings.header != "no") {
    throw UsageError(fmt::format("header = '{}' (must be auto, yes or no)", settings.header));
  }
  return options;
}

/// Options of text tables are refused.
io::NpyOptions npy_options(const ImportSettings& settings, const std::string& input) {
  const auto refuse = [&](const char* option) {
    throw UsageError(
        fmt::format("--{} is for text tables, and '{}' is a NumPy array; leave it out", option, input));
  };
  if (!settings.delimiter.empty()) refuse("delimiter");
  if (settings.header != "auto") refuse("header");
  return {.dataset = settings.dataset, .float32 = settings.float32, .columns = split_list(settings.columns)};
}

void run_import(const ImportSettings& settings, const std::string& input) {
  StatusLine line(progress_style(settings.progress));
  const auto show = [&](const io::ImportProgress& progress) {
    const double share = progress.bytes_total > 0 ? 100.0 * static_cast<double>(progress.bytes_read) /
                                                        static_cast<double>(progress.bytes_total)
                                                  : 0;
    line.show(fmt::format("{:.0f} % of {} read, {} records", share, input, progress.records));
  };
  keep_inputs(settings.output, {input});
  const bool array = io::is_npy(input);
  io::probe_directory_of(settings.output);
  const io::ImportSummary summary =
      array ? io::import_npy(input, settings.output, npy_options(settings, input), show)
            : io::import_csv(input, settings.output, csv_options(settings), show);
  line.clear();
  if (settings.json) {
    return print_json({{"output", settings.output},
                       {"dataset", settings.dataset},
                       {"input", input},
                       {"records", summary.records},
                       {"features", summary.features},
                       {"feature_names", summary.feature_names},
                       {"bytes", summary.bytes},
                       {"seconds", summary.seconds}});
  }
  const double seconds = std::max(summary.seconds, 1e-9);
  fmt::print("{} records x {} features written to {}:{} ({} in {}, {}/s)\n", summary.records,
             summary.features, settings.output, settings.dataset,
             human_bytes(static_cast<double>(summary.bytes)), human_seconds(seconds),
             human_bytes(static_cast<double>(summary.bytes) / seconds));
}

}  // namespace

int import_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  ImportSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"INPUT"}, "import");
  if (settings.output.empty())
    throw UsageError("output is missing; give -o FILE.h5, where the data set goes");
  comm.on_root([&] { run_import(settings, positional[0]); });
  return 0;
}

}  // namespace jensen::app
