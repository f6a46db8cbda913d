#include "fit_setup.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/io/model_file.hpp"
#include "print.hpp"
#include "report.hpp"

namespace jensen::app {

Index parse_components(const std::string& text) {
  if (text.empty()) throw UsageError("components is missing; give --components K, the number of components");
  if (text.find_first_of(":,") != std::string::npos) {
    throw UsageError(fmt::format(
        "components = '{}' (must be one number: ranges and lists are reserved for a later version)", text));
  }
  Index components = 0;
  parse_option("components", text, components);
  if (components < 1) throw UsageError(fmt::format("components = {} (must be at least 1)", components));
  return components;
}

Stopping make_stopping(const FitSettings& settings) {
  const auto require = [](bool fine, const char* name, auto value, const char* bound) {
    if (!fine) throw UsageError(fmt::format("{} = {} (must be {})", name, value, bound));
  };
  require(settings.max_iterations >= 0, "max-iterations", settings.max_iterations, "0 or more");
  require(settings.tolerance >= 0, "tolerance", settings.tolerance, "0 or more");
  require(settings.relative_tolerance >= 0, "relative-tolerance", settings.relative_tolerance, "0 or more");
  require(settings.absolute_tolerance >= 0, "absolute-tolerance", settings.absolute_tolerance, "0 or more");
  require(settings.parameter_tolerance >= 0, "parameter-tolerance", settings.parameter_tolerance,
          "0 or more");
  require(settings.restarts >= 1, "restarts", settings.restarts, "at least 1");
  require(settings.block_rows >= 0, "block-rows", settings.block_rows, "0 or more");
  if (settings.standardise != "none" && settings.standardise != "sd")
    throw UsageError(fmt::format("standardise = '{}' (must be none or sd)", settings.standardise));
  require(settings.seed >= 0, "seed", settings.seed, "0 or more");
  return {.max_iterations = settings.max_iterations,
          .relative_gain = settings.relative_tolerance,
          .absolute_gain = settings.absolute_tolerance,
          .parameter_change = settings.parameter_tolerance,
          .strict = settings.strict};
}

void keep_inputs(const std::string& output, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (std::filesystem::equivalent(output, input.substr(0, input.rfind(":/")), ignored)) {
      throw UsageError(
          fmt::format("output = '{}' is also an input and would be overwritten; name another file", output));
    }
  }
}

Document read_model(const std::string& file, const Communicator& comm) {
  Document document;
  comm.agree([&] { document = io::read_model_file(file); });
  return document;
}

void refuse(Option& option, const std::string& why) {
  option.kind = OptionKind::hidden;
  option.set = [name = option.name, why](const std::string& text) {
    throw UsageError(fmt::format("{} = '{}' ({}); leave it out", name, text, why));
  };
}

NamedStart parse_start(const std::string& text, const std::string& forms) {
  const std::string how = text.substr(0, text.find(':'));
  const std::string file = how.size() < text.size() ? text.substr(how.size() + 1) : "";
  std::vector<std::string> known;
  for (std::size_t begin = 0; begin < forms.size(); begin += known.back().size() + 1)
    known.push_back(forms.substr(begin, forms.find('|', begin) - begin));
  const auto form = std::find_if(known.begin(), known.end(), [&](const std::string& candidate) {
    return candidate.substr(0, candidate.find_first_of(":[")) == how;
  });
  if (form == known.end()) {
    throw UsageError(fmt::format("start = '{}' (must be {} or {})", text,
                                 fmt::join(known.begin(), known.end() - 1, ", "), known.back()));
  }
  const std::string takes = form->substr(how.size());  // "", "[:FILE:/d]" or ":FILE:/d"
  if (file.empty() && takes.starts_with(':'))
    throw UsageError(fmt::format("start = '{}' (must name a file: {})", text, *form));
  if (how.size() < text.size() && takes.empty())
    throw UsageError(fmt::format("start = '{}' ('{}' takes no file)", text, how));
  return {how, file};
}

std::vector<Index> number_labels(const std::vector<std::int64_t>& own, Index components,
                                 const std::string& source, const Communicator& comm) {
  const std::set<std::int64_t> mine(own.begin(), own.end());
  const std::vector<std::int64_t> list(mine.begin(), mine.end());
  const auto all = comm.all_gather(std::span<const std::int64_t>(list));
  const std::set<std::int64_t> distinct(all.begin(), all.end());
  if (static_cast<Index>(distinct.size()) != components) {
    throw InputError(fmt::format("'{}' has {} different labels (must be {}, the number of components)",
                                 source, distinct.size(), components));
  }
  std::vector<Index> numbered;
  numbered.reserve(own.size());
  for (const std::int64_t label : own) {
    numbered.push_back(std::distance(distinct.begin(), distinct.find(label)));
  }
  return numbered;
}

double bytes_of_sums(Index statistics_size, int ranks) {
  // a block's sums and the totals, binned sums of 34 bytes an entry, and 32 bytes an entry that travel
  return static_cast<double>(statistics_size) * (2 * 8 + 34 + (ranks > 1 ? 32 : 0));
}

void announce_fit(const Announcement& fit, const FitSettings& settings) {
  const auto line = [](const char* label, const std::string& text) { print_out("{:<10}{}\n", label, text); };
  std::string extra, parts;
  for (const Option& option : fit.options) {
    const std::string value = to_text(option.get());
    if (option.is_recorded() && !value.empty()) extra += fmt::format(", {} {}", option.name, value);
  }
  double bytes = 0;
  for (const auto& [part, size] : fit.memory) {
    bytes += size;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part, human_bytes(size));
  }
  print_out("jensen {}: {} ({}), {} {}\n", JENSEN_VERSION, fit.summary, fit.model, fit.ranks,
            fit.ranks == 1 ? "rank" : "ranks");
  line("data", fit.data);
  const bool counted = *fit.nouns.components != 0;
  line("model", counted ? fmt::format("{} {}{}", settings.components, fit.nouns.components, extra)
                        : extra.substr(extra.empty() ? 0 : 2));
  line("start", fmt::format("{}, {} {}, seed {}", settings.start, settings.restarts,
                            settings.restarts == 1 ? "restart" : "restarts", settings.seed));
  line("stop", fmt::format("e = {:g}: {}; or after {} iterations", settings.tolerance, fit.tolerance_meaning,
                           settings.max_iterations));
  line("memory", fmt::format("{} on each rank: {}; beside the program itself", human_bytes(bytes), parts));
  flush_print();
}

}  // namespace jensen::app
