#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "command_line.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "fit_setup.hpp"
#include "import_corpus.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/import_corpus.hpp"
#include "jensen/io/import_csv.hpp"
#include "jensen/io/import_npy.hpp"
#include "jensen/io/safe_file.hpp"
#include "json.hpp"
#include "print.hpp"
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

/// Refuses options that the kind of input has no use for.
template <class... Names>
void refuse_options(const std::string& input, const std::string& kind, const std::string& found,
                    const ImportSettings& settings, const Names&... names) {
  ImportSettings defaults;
  ImportSettings given = settings;
  const auto usual = options_of(defaults), set = options_of(given);
  for (const std::string name : {names...}) {
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (set[i].name != name || set[i].get() == usual[i].get()) continue;
      throw UsageError(fmt::format("--{} is for {}, and '{}' is {}; leave it out", name, kind, input, found));
    }
  }
}

void refuse_corpus_options(const ImportSettings& settings, const std::string& input,
                           const std::string& found) {
  refuse_options(input, "a corpus", found, settings, "vocabulary", "stop-words", "minimum-length",
                 "minimum-documents", "maximum-share", "fractional-counts", "zero-based");
}

io::NpyOptions npy_options(const ImportSettings& settings, const std::string& input) {
  refuse_options(input, "text tables", "a NumPy array", settings, "delimiter", "header");
  return {.dataset = settings.dataset, .float32 = settings.float32, .columns = split_list(settings.columns)};
}

void report_table(const ImportSettings& settings, const std::string& input,
                  const io::ImportSummary& summary) {
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
  print_out("{} records x {} features written to {}:{} ({} in {}, {}/s)\n", summary.records, summary.features,
            settings.output, settings.dataset, human_bytes(static_cast<double>(summary.bytes)),
            human_seconds(seconds), human_bytes(static_cast<double>(summary.bytes) / seconds));
}

void import_table(ImportSettings settings, const std::string& input, bool array, StatusLine& line) {
  refuse_corpus_options(settings, input, array ? "a NumPy array" : "a table");
  if (settings.dataset.empty()) settings.dataset = "/data";
  const auto show = [&](const io::ImportProgress& progress) {
    line.show(fmt::format("{:.0f} % of {} read, {} records", share_read(progress), input, progress.records));
  };
  const io::ImportSummary summary =
      array ? io::import_npy(input, settings.output, npy_options(settings, input), show)
            : io::import_csv(input, settings.output, csv_options(settings), show);
  line.clear();
  report_table(settings, input, summary);
}

/// The format of a corpus; none: a table or array.
std::optional<io::CorpusFormat> corpus_format(const ImportSettings& settings, const std::string& input) {
  if (settings.format == "auto") return io::find_corpus_format(input);
  if (settings.format == "csv" || settings.format == "npy") return std::nullopt;
  if (const auto named = io::format_of(settings.format)) return named;
  throw UsageError(fmt::format(
      "format = '{}' (must be one of auto, csv, npy, lda-c, uci, svmlight, matrix-market, text, hdf5)",
      settings.format));
}

void run_import(const ImportSettings& settings, const std::string& input) {
  StatusLine line(progress_style(settings.progress));
  const auto corpus = corpus_format(settings, input);
  keep_inputs(settings.output, {input, settings.vocabulary, settings.stop_words});
  io::probe_directory_of(settings.output);
  if (!corpus) {
    const bool array = settings.format == "npy" || (settings.format == "auto" && io::is_npy(input));
    return import_table(settings, input, array, line);
  }
  refuse_options(input, "text tables", fmt::format("a corpus ({})", io::format_name(*corpus)), settings,
                 "delimiter", "header");
  refuse_options(input, "tables", fmt::format("a corpus ({})", io::format_name(*corpus)), settings, "columns",
                 "float32");
  import_corpus(settings, input, *corpus, line);
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
