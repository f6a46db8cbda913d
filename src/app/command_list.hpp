#pragma once

#include <span>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "help/page.hpp"
#include "jensen/comm/communicator.hpp"
#include "registry.hpp"

namespace jensen::app {

/// A row of the list of commands; everything that is said of a command comes from there and from its options.
struct Command {
  const char* name;
  const char* usage;        // "predict MODEL.h5 INPUT -o out.h5": what is needed
  const char* summary;      // a few words
  const char* description;  // a sentence
  std::vector<OptionGroup> (*groups)();
  int (*run)(const std::vector<std::string>&, const Communicator&);
  help::Page (*notes)() = nullptr;  // what its help says beside
};
std::span<const Command> commands();

/// "fit": its options are those of the models.
inline constexpr const char* kFit = "fit";

/// The options of `jensen fit` for a model, by what they change. Both arguments must outlive them.
std::vector<OptionGroup> fit_groups(FitSettings& settings, RegisteredModel& model);

/// A command with its options, or `fit` with those of one model: what every text on it is made from.
struct CommandPage {
  std::string name;  // "predict", "fit", "fit gmm"
  std::string usage;
  std::string description;
  help::Page notes;
  std::vector<OptionGroup> groups;  // to be read: they set nothing
};
std::vector<CommandPage> command_pages();

/// The commands that have the option, "fit" standing for all models: empty where none has.
std::vector<std::string> commands_with(const std::string& option);

/// Throws UsageError; lists the near misses.
[[noreturn]] void refuse_name(const std::string& what, const std::string& name,
                              const std::vector<std::string>& known);

}  // namespace jensen::app
