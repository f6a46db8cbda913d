#include "command_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "commands.hpp"
#include "help/notes.hpp"
#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

/// Those that are not hidden, with the defaults, to be read.
std::vector<Option> read_only(std::vector<Option> options) {
  std::erase_if(options, [](const Option& option) { return option.hidden(); });
  for (Option& option : options) option.set = nullptr, option.get = nullptr;
  return options;
}

template <class Settings>
std::vector<OptionGroup> groups_of() {
  Settings defaults;
  return {{"options", read_only(options_of(defaults))}};
}

/// The default that most models have, and the others': "1e-08 (kmeans: 0)". MODEL is the model's own name.
std::string common_default(const std::vector<std::pair<std::string, std::string>>& of_models) {
  std::map<std::string, int> counts;
  for (const auto& [model, value] : of_models) ++counts[value];
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  const std::string common = std::max_element(counts.begin(), counts.end(), fewer)->first;
  std::string others;
  for (const auto& [model, value] : of_models) {
    if (value != common) others += fmt::format("{}{}: {}", others.empty() ? "" : ", ", model, value);
  }
  if (others.empty()) return common;
  return common.empty() ? fmt::format("({})", others) : fmt::format("{} ({})", common, others);
}

/// Of every model.
std::vector<OptionGroup> fit_groups_of_any() {
  FitSettings settings;
  std::vector<Option> options = options_of(settings);
  std::vector<std::vector<std::pair<std::string, std::string>>> defaults(options.size());
  for (const auto& model : make_registry()) {
    FitSettings own = model->default_settings();
    const std::vector<Option> listed = options_of(own, own);
    for (std::size_t i = 0; i < options.size(); ++i) {
      const std::string& value = listed[i].default_text;
      defaults[i].emplace_back(model->name(), value == model->name() + ".h5" ? "MODEL.h5" : value);
    }
  }
  for (std::size_t i = 0; i < options.size(); ++i) options[i].default_text = common_default(defaults[i]);
  return {{"options of every fit", read_only(options)}};
}

constexpr std::array kCommands = {
    Command{"fit", "fit MODEL INPUT --components K", "fit a model to records or documents",
            "fits a model to records or documents, from several starts, and keeps the best",
            &fit_groups_of_any, &fit_command, &help::fit_notes},
    Command{"predict", "predict MODEL.h5 INPUT -o out.h5",
            "labels and log-densities of records; topics of documents",
            "writes for each record or document its label (components count from 0) and what the model says "
            "of it",
            &groups_of<PredictSettings>, &predict_command},
    Command{"score", "score MODEL.h5 INPUT", "log-likelihood or perplexity; criteria on the training data",
            "says how well a model describes records or documents; BIC, ICL, AIC and ELBO only for those it "
            "was fitted to",
            &groups_of<ScoreSettings>, &score_command},
    Command{
        "sample", "sample MODEL.h5 -n N -o out.h5", "draw records from a mixture, or documents",
        "draws records from a fitted mixture: /data, which can be fitted again, and the component of each "
        "in /labels; or documents from topics: /corpus, and their /mixtures; or parameters of advi: /draws, "
        "and with --predictive /data, or /responses of the records of --data",
        &groups_of<SampleSettings>, &sample_command},
    Command{
        "compare", "compare P.h5 Q.h5", "divergences of two models or tables; a model against data",
        "says how far two distributions are apart: the Kullback-Leibler divergence both ways, and what is "
        "made of it; or how well models describe the same records",
        &groups_of<CompareSettings>, &compare_command, &help::compare_notes},
    Command{"info", "info FILE.h5", "what a model file or a corpus holds, in plain text",
            "says what a model file or checkpoint holds, or how large a corpus is", &groups_of<InfoSettings>,
            &info_command},
    Command{"check", "check FILE.h5|DIR", "verify that a model file is whole and its numbers go together",
            "verifies a model file or checkpoint, or the one in a directory that a fit would go on from, "
            "without the data; exit code 3 if something is wrong",
            &groups_of<CheckSettings>, &check_command, &help::check_notes},
    Command{"import", "import data.csv|data.npy|texts/ -o out.h5",
            "turn a table, an array or documents into HDF5",
            "turns a text table (CSV and its kin) or a NumPy array (.npy) into an HDF5 data set of records x "
            "features, and documents, as text or as counts of words, into a corpus",
            &groups_of<ImportSettings>, &import_command, &help::import_notes},
    Command{"plot", "plot FILE.h5 -o page.html", "a page with plots of a model file",
            "draws what a model file holds, as one HTML page for any browser: convergence, components and "
            "records, sizes, restarts",
            &groups_of<PlotSettings>, &plot_command},
    Command{"help", "help [TOPIC]", "this list; a command, or how things work",
            "says what a command does and takes, or how things work", &groups_of<HelpSettings>, &help_command,
            &help::help_notes},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

std::vector<OptionGroup> fit_groups(FitSettings& settings, RegisteredModel& model) {
  OptionGroup result{"options of every fit that change the result", {}};
  OptionGroup own{fmt::format("options of {}, which change the result too", model.name()), model.options()};
  OptionGroup control{"options that control the run", {}};
  for (Option& option : model.fit_options(settings)) {
    (option.kind == OptionKind::result ? result : control).options.push_back(std::move(option));
  }
  return {std::move(result), std::move(own), std::move(control)};
}

std::vector<CommandPage> command_pages() {
  std::vector<CommandPage> pages;
  for (const Command& command : kCommands) {
    CommandPage page{.name = command.name,
                     .usage = command.usage,
                     .description = command.description,
                     .notes = command.notes == nullptr ? help::Page() : command.notes(),
                     .groups = command.groups()};
    pages.push_back(std::move(page));
    if (command.name != std::string(kFit)) continue;
    for (const auto& model : make_registry()) {
      FitSettings defaults = model->default_settings();
      std::string usage = command.usage;
      usage.replace(usage.find("MODEL"), 5, model->name());
      const std::string required = " --components K";
      if (!defaults.components.empty()) usage.erase(usage.find(required), required.size());
      CommandPage own{.name = fmt::format("{} {}", kFit, model->name()),
                      .usage = usage,
                      .description = model->summary(),
                      .notes = help::fit_model_notes(),
                      .groups = fit_groups(defaults, *model)};
      for (OptionGroup& group : own.groups) group.options = read_only(std::move(group.options));
      pages.push_back(std::move(own));
    }
  }
  return pages;
}

std::vector<std::string> commands_with(const std::string& option) {
  std::vector<std::string> names;
  for (const CommandPage& page : command_pages()) {
    if (page.name.starts_with("fit ") && !names.empty() && names.front() == kFit) continue;
    const bool has = std::any_of(page.groups.begin(), page.groups.end(), [&](const OptionGroup& group) {
      return std::any_of(group.options.begin(), group.options.end(),
                         [&](const Option& known) { return known.name == option; });
    });
    if (has) names.push_back(page.name);
  }
  return names;
}

void refuse_name(const std::string& what, const std::string& name, const std::vector<std::string>& known) {
  const auto near = near_misses(name, known);
  throw UsageError(fmt::format("the {} '{}' is unknown (must be one of {}){}", what, name,
                               fmt::join(known, ", "),
                               near.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(near, ", "))));
}

}  // namespace jensen::app
