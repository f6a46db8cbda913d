#include "commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "command_line.hpp"
#include "console.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "registry.hpp"

namespace jensen::app {
namespace {

struct Command {
  const char* name;
  const char* usage;
  const char* summary;
  int (*run)(const std::vector<std::string>&, const Communicator&);
};

constexpr std::array kCommands = {
    Command{"fit", "fit MODEL INPUT --components K", "fit a model to records", &fit_command},
    Command{"predict", "predict MODEL.h5 INPUT -o out.h5", "labels and log-densities of records",
            &predict_command},
    Command{"score", "score MODEL.h5 INPUT", "log-likelihood of records; criteria on the training data",
            &score_command},
    Command{"sample", "sample MODEL.h5 -n N -o out.h5", "draw records from a mixture", &sample_command},
    Command{"info", "info FILE.h5", "what a model file holds, in plain text", &info_command},
    Command{"check", "check FILE.h5", "verify that a model file is whole and its numbers go together",
            &check_command},
    Command{"import", "import data.csv|data.npy -o out.h5", "turn a text table or NumPy array into HDF5",
            &import_command},
    Command{"plot", "plot FILE.h5 -o page.html", "a page with plots of a model file", &plot_command},
};

/// Names that later versions will take.
constexpr std::array kReserved = {"compare", "select", "bootstrap", "merge", "report"};

constexpr const char* kExitCodes = R"(
exit codes:
   0  done
   2  a command line or config file that cannot be understood
   3  data or a model file that cannot be used
   4  a numerical failure
   5  a checkpoint that cannot be gone on from
   6  a file or directory that cannot be written
   7  no tolerance was met, with --require-convergence
  75  stopped on request or before the deadline, with a checkpoint: run it again
  70  an unexpected failure; mpirun itself returns 1
)";

std::string overview() {
  std::string text = fmt::format(
      "jensen {}: fits latent-variable models to data on many ranks by maximising the evidence lower "
      "bound\n\n"
      "usage: jensen COMMAND ..., or mpirun -n RANKS jensen COMMAND ...\n\ncommands:\n",
      JENSEN_VERSION);
  for (const Command& command : kCommands)
    text += fmt::format("  {:<34}{}\n", command.usage, command.summary);
  text += "\nmodels:\n";
  for (const auto& model : make_registry())
    text += fmt::format("  {:<34}{}\n", model->name(), model->summary());
  text += "\n'jensen COMMAND --help' says more; 'jensen fit MODEL --help' lists the options of a model.\n";
  return text + kExitCodes;
}

}  // namespace

bool wants_help(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const auto& a) { return a == "--help" || a == "-h"; });
}

void print_help(const std::string& text, const Communicator& comm) {
  if (comm.is_root()) fmt::print("{}", text);
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
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(overview(), comm);
    return 0;
  }
  if (name == "--version") {
    print_help(fmt::format("jensen {}\n", JENSEN_VERSION), comm);
    return 0;
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  std::vector<std::string> known;
  for (const Command& command : kCommands) {
    if (name == command.name) return command.run(rest, comm);
    known.emplace_back(command.name);
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    throw UsageError(fmt::format("the command '{}' is reserved for a later version of jensen", name));
  }
  const auto near = near_misses(name, known);
  throw UsageError(fmt::format("the command '{}' is unknown (must be one of {}){}", name,
                               fmt::join(known, ", "),
                               near.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(near, ", "))));
}

int fit_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  const auto first =
      std::find_if(arguments.begin(), arguments.end(), [](const auto& a) { return !a.starts_with("-"); });
  if (first == arguments.end()) {
    if (wants_help(arguments)) return print_help(overview(), comm), 0;
    throw UsageError(
        "MODEL is missing; usage: jensen fit MODEL INPUT --components K ('jensen --help' lists the models)");
  }
  if (first != arguments.begin() && !wants_help(arguments)) {
    throw UsageError(fmt::format(
        "'{}' stands before MODEL (must come after it); usage: jensen fit MODEL INPUT --components K",
        arguments.front()));
  }
  const auto model = make_model(*first);
  FitSettings settings = model->default_settings();
  std::vector<OptionGroup> groups = {{"options of every fit", options_of(settings)},
                                     {fmt::format("options of {}", model->name()), model->options()}};
  for (Option& option : groups[0].options) {
    if (option.name == "tolerance") option.help = model->tolerance_meaning();
  }
  if (wants_help(arguments)) {
    print_help(fmt::format("{}\n\nusage: jensen fit {} INPUT --components K [options]\n"
                           "       INPUT is FILE.h5[:/dataset], records x features; 'jensen import' makes "
                           "one from a CSV\n{}{}",
                           model->summary(), model->name(), help_text(groups), kExitCodes),
               comm);
    return 0;
  }
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL", "INPUT"}, "fit");
  return model->fit(settings, positional[1], comm);
}

int predict_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  PredictSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  if (wants_help(arguments)) {
    print_help(
        "writes for each record its label (components count from 0) and what the model says of it\n\n"
        "usage: jensen predict MODEL.h5 INPUT -o out.h5\n" +
            help_text(groups),
        comm);
    return 0;
  }
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5", "INPUT"}, "predict");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->predict(document, settings, positional[1], comm);
}

int sample_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  SampleSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  if (wants_help(arguments)) {
    print_help(
        "draws records from a fitted mixture: /data, which can be fitted again, and the component of each in "
        "/labels\n\n"
        "usage: jensen sample MODEL.h5 -n N -o out.h5\n" +
            help_text(groups),
        comm);
    return 0;
  }
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5"}, "sample");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->sample(document, settings, comm);
}

int score_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  ScoreSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  if (wants_help(arguments)) {
    print_help(
        "says how well a model describes records; BIC, ICL and AIC only for those it was fitted to\n\n"
        "usage: jensen score MODEL.h5 INPUT\n" +
            help_text(groups),
        comm);
    return 0;
  }
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"MODEL.h5", "INPUT"}, "score");
  const Document document = read_model(positional[0], comm);
  return model_of(document)->score(document, settings, positional[1], comm);
}

}  // namespace jensen::app
