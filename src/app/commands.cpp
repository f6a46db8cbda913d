#include "commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "command_line.hpp"
#include "command_list.hpp"
#include "console.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "print.hpp"
#include "registry.hpp"

namespace jensen::app {
namespace {

/// Names that later versions will take.
constexpr std::array kReserved = {"select", "bootstrap", "merge", "report"};

/// Whether help was asked for.
bool wants_help(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const auto& a) { return a == "--help" || a == "-h"; });
}

/// The arguments of "jensen help" that ask for the same: of `fit` the model too, which may stand anywhere.
std::vector<std::string> help_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {arguments.front()};
  if (words.front() != kFit) return words;
  const auto model =
      std::find_if(arguments.begin() + 1, arguments.end(), [](const auto& a) { return !a.starts_with("-"); });
  if (model != arguments.end()) words.push_back(*model);
  return words;
}

}  // namespace

void print_help(const std::string& text, const Communicator& comm) {
  if (comm.is_root()) print_text(text);
}

void require_positional(const std::vector<std::string>& found, const std::vector<std::string>& names,
                        const std::string& command) {
  if (found.size() == names.size()) return;
  if (found.size() < names.size()) {
    throw UsageError(fmt::format("{} is missing; usage: jensen {} {}", names[found.size()], command,
                                 fmt::join(names, " ")));
  }
  throw UsageError(fmt::format("'{}' is one argument too many; usage: jensen {} {}", found[names.size()],
                               command, fmt::join(names, " ")));
}

int run_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  if (arguments.empty()) throw UsageError("a command is missing; 'jensen --help' lists them");
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h") return help_command({}, comm);
  if (name == "--version") {
    print_help(fmt::format("jensen {}\n", JENSEN_VERSION), comm);
    return 0;
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    if (name == command.name) {
      if (wants_help(rest)) return help_command(help_words(arguments), comm);
      return command.run(rest, comm);
    }
    known.emplace_back(command.name);
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    throw UsageError(fmt::format("the command '{}' is reserved for a later version of jensen", name));
  }
  refuse_name("command", name, known);
}

int fit_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  const auto first =
      std::find_if(arguments.begin(), arguments.end(), [](const auto& a) { return !a.starts_with("-"); });
  if (first == arguments.end()) {
    throw UsageError(
        "MODEL is missing; usage: jensen fit MODEL INPUT --components K ('jensen --help' lists the models)");
  }
  if (first != arguments.begin()) {
    throw UsageError(fmt::format(
        "'{}' stands before MODEL (must come after it); usage: jensen fit MODEL INPUT --components K",
        arguments.front()));
  }
  const auto model = make_model(*first);
  FitSettings settings = model->default_settings();
  const std::vector<OptionGroup> groups = fit_groups(settings, *model);
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL", "INPUT"}, "fit");
  return model->fit(settings, positional[1], comm);
}

int predict_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  PredictSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5", "INPUT"}, "predict");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->predict(document, settings, positional[1], comm);
}

int sample_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  SampleSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5"}, "sample");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->sample(document, settings, comm);
}

int score_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  ScoreSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5", "INPUT"}, "score");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->score(document, settings, positional[1], comm);
}

}  // namespace jensen::app
