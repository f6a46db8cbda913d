#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "corpus_info.hpp"
#include "fit_setup.hpp"
#include "info.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/history.hpp"
#include "json.hpp"
#include "print.hpp"
#include "registry.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

std::string checkpoint_report(const Document& document) {
  const Snapshot snapshot = stored_snapshot(document);
  std::string text =
      fmt::format("{:<24}{}; the command that wrote it goes on from it\n", "stands at", place_of(snapshot));
  text += fmt::format("{:<24}{}, {} more failed\n", "finished restarts", snapshot.history.restarts.size(),
                      snapshot.history.failed);
  text += fmt::format("{:<24}{}\n", document.text_attribute("/fit", "objective_name"),
                      document.has_attribute("/fit", "objective")
                          ? fmt::format("{:.9g} {}", document.number_attribute("/fit", "objective"),
                                        document.text_attribute("/fit", "units"))
                          : "not evaluated yet");
  return text + fmt::format("{:<24}{}, gone on {} times\n\n", "wall time",
                            human_seconds(document.number_attribute("/state/run", "seconds")),
                            document.integer_attribute("/state/run", "resumes"));
}

}  // namespace

std::string describe_origin(const Document& document, const RegisteredModel& model) {
  std::string text = fmt::format("{}: a {} of jensen {}\n", document.origin,
                                 has_snapshot(document) ? "checkpoint" : "model file",
                                 document.text_attribute("/", "program_version"));
  text += fmt::format("{:<24}{} ({})\n", "model", model.summary(), model.name());
  text += fmt::format("{:<24}{}: {}\n", "data", document.text_attribute("/data", "source"),
                      model.stored_sizes(document));
  std::vector<std::string> options;
  const auto config = document.attributes().find("/config");
  if (config == document.attributes().end()) {
    throw InputError(
        fmt::format("no '/config' in {} (a model file written by 'jensen fit' has it)", document.origin));
  }
  for (const auto& [name, value] : config->second) {
    if (name != "model" && name != "input" && !to_text(value).empty())
      options.push_back(fmt::format("{}={}", name, to_text(value)));
  }
  text += fmt::format("{:<24}{}\n\n", "options", fmt::join(options, " "));
  return has_snapshot(document) ? text + checkpoint_report(document) : text;
}

int info_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  InfoSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"FILE.h5"}, "info");
  if (is_corpus(positional[0], comm)) return corpus_info(positional[0], settings, comm);
  const Document document = read_model(positional[0], comm);
  comm.on_root([&] {
    if (settings.json) {
      print_json(to_json(document));
    } else {
      const auto model = model_of(document);
      model->require_parameters(document);
      print_out("{}{}", describe_origin(document, *model),
                fit_report(document, model->component_table(document), model->nouns()));
    }
  });
  return 0;
}

}  // namespace jensen::app
