#include "help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/commands.hpp"
#include "config_file.hpp"
#include "jensen/core/error.hpp"
#include "topics.hpp"

namespace jensen::app {
namespace help {

Page overview() {
  std::vector<Row> rows, models;
  for (const Command& command : commands()) rows.push_back({command.usage, command.summary});
  for (const auto& model : make_registry()) models.push_back({model->name(), model->summary()});
  return Page()
      .paragraph(fmt::format("jensen {}: fits latent-variable models to data on many ranks by maximising the "
                             "evidence lower bound",
                             JENSEN_VERSION))
      .usage("COMMAND ..., or mpirun -n RANKS jensen COMMAND ...")
      .heading("commands")
      .rows(rows)
      .heading("models")
      .rows(models)
      .append(topics_page())
      .paragraph(
          "'jensen help COMMAND', or 'jensen COMMAND --help', says more; 'jensen help fit MODEL' lists the "
          "options of a model; 'jensen help TOPIC' says how something works.")
      .append(exit_codes_page());
}

Row option_row(const Option& option) {
  const bool has_default = !option.is_flag && !option.default_text.empty();
  return {"--" + option.name + (option.is_flag ? "" : " " + option.argument),
          option.help + (has_default ? fmt::format(" [{}]", option.default_text) : "")};
}

Page page_of(const CommandPage& command) {
  Page page;
  page.paragraph(command.description).usage(command.usage + (command.groups.empty() ? "" : " [options]"));
  page.append(command.notes);
  for (const OptionGroup& group : command.groups) {
    std::vector<Row> rows;
    for (const Option& option : group.options) rows.push_back(option_row(option));
    if (!rows.empty()) page.heading(group.title).rows(rows);
  }
  return page;
}

std::string help_on(const std::vector<std::string>& words) {
  if (words.empty()) return to_text(overview(), page_width());
  if (words.size() == 2 && words[0] == "config") return config_file(words[1]);
  const std::string name = fmt::to_string(fmt::join(words, " "));
  std::vector<std::string> known;
  for (const CommandPage& command : command_pages()) {
    const bool is_model = command.name == fmt::format("{} {}", kFit, name);
    if (command.name == name || is_model) return to_text(page_of(command), page_width());
    known.push_back(command.name);
  }
  for (const Topic& topic : topics()) {
    if (topic.name == name) return to_text(topic.page(), page_width());
    known.emplace_back(topic.name);
  }
  if (words.size() == 2 && words[0] == kFit) make_model(words[1]);  // throws, listing the models
  refuse_name("topic", name, known);
}

}  // namespace help

int help_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  HelpSettings settings;
  const auto words = parse_command_line(arguments, {{"options", options_of(settings)}});
  if ((settings.man ? 1 : 0) + (settings.completion ? 1 : 0) + (words.empty() ? 0 : 1) > 1) {
    throw UsageError(
        "help prints one thing at a time (found more than one of --man, --completion and TOPIC); leave the "
        "others out");
  }
  print_help(settings.man          ? help::man_page()
             : settings.completion ? help::completion()
                                   : help::help_on(words),
             comm);
  return 0;
}

}  // namespace jensen::app
