#include "config_file.hpp"

#include <fmt/format.h>

#include "app/command_list.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

constexpr std::size_t kWidth = 90;
const std::string kExampleComponents = "4";

/// Whether help on config files has it; these cannot name another.
bool is_key(const Option& option) {
  return option.name != "config" && !option.hidden();
}

/// Whether a line with the default would do harm, or nothing.
bool is_left_to_the_user(const Option& option) {
  return (option.default_text.empty() && option.name != "components") || option.name == "output";
}

std::string key(const Option& option) {
  std::string text;
  if (option.argument.find('|') != std::string::npos) text += fmt::format("# {}\n", option.argument);
  for (const std::string& line : wrapped(option.help, kWidth)) text += fmt::format("# {}\n", line);
  const bool example = option.name == "components" && option.default_text.empty();
  const std::string& value = example ? kExampleComponents : option.default_text;
  return text + fmt::format("{}{} ={}{}\n", is_left_to_the_user(option) ? "#" : "", option.name,
                            value.empty() ? "" : " ", value);
}

}  // namespace

std::string config_file(const std::string& name) {
  const auto model = make_model(name);
  FitSettings settings = model->default_settings();
  const bool counted = settings.components.empty();
  std::string text = fmt::format("# {0}\n#\n#   mpirun -n 4 jensen fit {1} data.h5 --config {1}.ini\n#\n",
                                 model->summary(), name);
  text += fmt::format(
      "# Every key is also a flag (--{}), and flags win. All values{} are the\n"
      "# defaults; a key behind '#' has none, or names a file. 'jensen help config {}' writes this file.\n",
      counted ? "components 4" : "seed 1", counted ? " but that of components" : "", name);
  for (const OptionGroup& group : fit_groups(settings, *model)) {
    if (group.options.empty()) continue;
    text += fmt::format("\n# ---- {}\n", group.title);
    for (const Option& option : group.options) {
      if (is_key(option)) text += '\n' + key(option);
    }
  }
  return text;
}

namespace {

/// What fits into a column of a terminal of 80.
std::string short_default(const Option& option) {
  constexpr std::size_t kMost = 42;
  if (option.default_text.empty()) return "-";
  return option.default_text.size() <= kMost
             ? option.default_text
             : option.default_text.substr(0, option.default_text.find(' ')) + " (others differ)";
}

std::vector<Row> keys(const std::vector<Option>& options) {
  std::vector<Row> rows = {{"key", "default", "changes"}};
  for (const Option& option : options) {
    if (!is_key(option)) continue;
    rows.push_back(
        {option.name, short_default(option), option.kind == OptionKind::result ? "the result" : "the run"});
  }
  return rows;
}

}  // namespace

Page config_page() {
  Page page;
  page.paragraph(
          "--config FILE reads options of 'jensen fit' from an INI file: a line 'key = value' for each, "
          "without sections; what follows '#' is a comment. Keys are the options without '--', flags are "
          "true or false, and an option of the command line wins over the file. 'jensen help config MODEL' "
          "writes a complete file, as those in configs/ are:")
      .verbatim("jensen help config gmm > my.ini\njensen fit gmm data.h5 --config my.ini\n");
  for (const CommandPage& command : command_pages()) {
    if (command.name == kFit) page.heading("keys of every model").rows(keys(command.groups.front().options));
  }
  for (const auto& model : make_registry()) {
    const auto rows = keys(model->options());
    if (rows.size() > 1) page.heading("keys of " + model->name()).rows(rows);
  }
  return page;
}

}  // namespace jensen::app::help
