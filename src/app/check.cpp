#include "check.hpp"

#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "command_line.hpp"
#include "commands.hpp"
#include "decomposition.hpp"
#include "jensen/fit/history.hpp"
#include "jensen/io/checkpoint_directory.hpp"
#include "jensen/io/model_file.hpp"
#include "print.hpp"
#include "registry.hpp"
#include "stored.hpp"

namespace jensen::app {
namespace {

/// Whether the file says how much of the data each component has: where there are components and the fit
/// ended.
bool has_sizes(const Document& document, const RegisteredModel& model) {
  return *model.nouns().components != 0 && !has_snapshot(document);
}

/// Whether there has to be an objective: the checkpoint of a stage that was stopped in its first pass has
/// none.
bool is_evaluated(const Document& document) {
  return !has_snapshot(document) || document.has_attribute("/fit", "objective");
}

/// Throws unless every attribute and array that any model has is there, of the right type.
std::string check_schema(const Document& document, const RegisteredModel& model) {
  const auto texts = [&](const char* path, std::initializer_list<const char*> names) {
    for (const char* name : names) document.text_attribute(path, name);
  };
  const auto integers = [&](const char* path, std::initializer_list<const char*> names) {
    for (const char* name : names) document.integer_attribute(path, name);
  };
  texts("/", {"format", "model", "program_version"});
  integers("/", {"format_version"});
  texts("/config", {"model", "input"});
  integers("/config", {"seed"});
  texts("/data", {"source"});
  integers("/fit", {"components", "iteration", "converged"});
  texts("/fit", {"objective_name", "units", "stop_reason"});
  if (is_evaluated(document)) document.number_attribute("/fit", "objective");
  document.number_attribute("/fit", "total_weight");
  if (has_sizes(document, model)) document.vector("/fit/sizes");
  for (const char* path : {"/fit/trace/objective", "/fit/trace/gain", "/fit/trace/elapsed_seconds"})
    document.vector(path);
  for (const char* path : {"/fingerprint/data", "/fit/trace/iteration"}) document.array(path);
  model.require_schema(document);
  stored_block_rows(document);
  const std::string& format = document.text_attribute("/", "format");
  if (format != "jensen-model") throw InputError(fmt::format("format = '{}' (must be jensen-model)", format));
  return fmt::format("{} arrays, attributes of {} groups", document.arrays().size(),
                     document.attributes().size());
}

/// State may hold infinities, which its model judges; nothing may be NaN.
std::string check_numbers(const Document& document) {
  std::size_t count = 0;
  const auto require = [&](double value, const std::string& path, const std::string& attribute) {
    const bool fine = path.starts_with("/state/") ? !std::isnan(value) : std::isfinite(value);
    if (!fine) throw InputError(fmt::format("{}'{}' holds {} (must be finite)", attribute, path, value));
    ++count;
  };
  for (const auto& [path, array] : document.arrays()) {
    const auto* numbers = std::get_if<std::vector<double>>(&array.values);
    if (numbers == nullptr) continue;
    for (const double value : *numbers) require(value, path, "");
  }
  for (const auto& [path, attributes] : document.attributes()) {
    for (const auto& [name, value] : attributes) {
      const auto* number = std::get_if<double>(&value);
      if (number != nullptr) require(*number, path, fmt::format("attribute '{}' of ", name));
    }
  }
  return fmt::format("{} real numbers are finite", count);
}

std::string check_sizes(const Document& document) {
  const Vector sizes = document.vector("/fit/sizes");
  const Index components = document.integer_attribute("/fit", "components");
  const double weight = document.number_attribute("/fit", "total_weight");
  if (sizes.size() != components) {
    throw InputError(fmt::format("'/fit/sizes' has {} values (must be {}, one for each component)",
                                 sizes.size(), components));
  }
  if (!((sizes.array() >= 0).all() && std::abs(sizes.sum() - weight) <= 1e-9 * weight)) {
    throw InputError(
        fmt::format("'/fit/sizes' add up to {} (must be {}, the total weight, and none be negative)",
                    sizes.sum(), weight));
  }
  return fmt::format("{} components add up to the total weight {}", components, weight);
}

std::string check_trace(const Document& document) {
  const Vector objectives = document.vector("/fit/trace/objective");
  const Index length = objectives.size(), last = document.integer_attribute("/fit", "iteration");
  if (length == 0 && !is_evaluated(document)) return "no iteration has been evaluated yet";
  const double objective = document.number_attribute("/fit", "objective");
  const auto* iterations =
      std::get_if<std::vector<std::int64_t>>(&document.array("/fit/trace/iteration").values);
  bool counted = iterations != nullptr && static_cast<Index>(iterations->size()) == length;
  for (Index t = 0; counted && t < length; ++t) counted = (*iterations)[static_cast<std::size_t>(t)] == t;
  if (!counted || length != last + 1 || document.vector("/fit/trace/gain").size() != length ||
      document.vector("/fit/trace/elapsed_seconds").size() != length) {
    throw InputError(fmt::format("'/fit/trace' has {} rows (must have {}, for iterations 0 to {})", length,
                                 last + 1, last));
  }
  if (objectives[last] != objective) {
    throw InputError(fmt::format("'/fit/trace/objective' ends with {} (must be {}, the objective of '/fit')",
                                 objectives[last], objective));
  }
  return fmt::format("iterations 0 to {}, the last with the {} of the fit, {}", last,
                     document.text_attribute("/fit", "objective_name"), objective);
}

/// What a checkpoint would go on from.
std::string check_resume(const Document& document) {
  const Snapshot snapshot = stored_snapshot(document);
  if (snapshot.ended) {
    if (!snapshot.history.best) throw InputError("all fits have ended (the best of them must be there)");
    return fmt::format("would write the result: all {} fits have ended", snapshot.history.restarts.size());
  }
  if (snapshot.objective && !std::isfinite(*snapshot.objective))
    throw InputError(fmt::format("the objective at hand is {} (must be finite)", *snapshot.objective));
  return fmt::format("would go on in {}, with {} restarts behind it; it stands after {:.3g} s of work{}",
                     place_of(snapshot), snapshot.history.restarts.size(),
                     document.number_attribute("/state/run", "seconds"),
                     snapshot.objective ? "" : ", in a pass that was broken off");
}

/// Returns a sentence on the file as a whole, and goes no further, where it is not as it was written.
std::string check_file(const std::string& file, Findings& findings) {
  for (const io::FileCheck& step : io::check_model_file(file)) {
    const bool fine = findings.check(step.name, [&] {
      if (!step.fault.empty()) throw InputError(step.fault);
      return step.found;
    });
    if (!fine) return step.fault;
  }
  Document document;
  std::unique_ptr<RegisteredModel> model;
  std::string unknown;
  const bool readable = findings.check("content", [&] {
    document = io::read_model_file(file);
    try {
      model = model_of(document);
    } catch (const InputError& error) {
      unknown = error.what();
      throw;
    }
    return fmt::format("{} ({}), written by jensen {}", model->summary(), model->name(),
                       document.text_attribute("/", "program_version"));
  });
  if (!readable) return unknown;
  using Check = std::string (*)(const Document&);
  const auto run = [&](const char* name, Check check) {
    findings.check(name, [&] { return check(document); });
  };
  findings.check("schema", [&] { return check_schema(document, *model); });
  run("numbers", check_numbers);
  model->check(document, findings);
  const bool checkpoint = has_snapshot(document);
  if (has_sizes(document, *model)) {
    run("sizes", check_sizes);
  } else {
    findings.leave_out("sizes", checkpoint ? "a checkpoint has none" : "the model has no components");
  }
  run("trace", check_trace);
  if (has_decomposition(document)) run("decomposition", check_decomposition);
  if (checkpoint) run("resume", check_resume);
  return "";
}

/// The checkpoint of a directory that `fit --resume auto` goes on from; those that it passes over are noted.
std::string newest_whole(const std::string& directory, Findings& findings) {
  const auto files = io::checkpoints_in(directory);
  for (const auto& file : files) {
    std::string fault;
    try {
      for (const io::FileCheck& step : io::check_model_file(file)) fault = step.fault;
    } catch (const io::UnreadableError& error) {
      fault = error.what();
    }
    if (fault.empty()) {
      findings.check("directory", [&] {
        return fmt::format("'{}' is the newest whole one of {} checkpoints", file.string(), files.size());
      });
      return file.string();
    }
    findings.leave_out("passed over", fault);
  }
  throw InputError(fmt::format(
      "'{}' has {} (one that is whole is needed to go on)", directory,
      files.empty() ? "no checkpoint" : fmt::format("{} checkpoints, none of them whole", files.size())));
}

}  // namespace

int check_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  CheckSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"FILE.h5"}, "check");
  comm.on_root([&] {
    Findings findings;
    const bool directory = std::filesystem::is_directory(positional[0]);
    const std::string file = directory ? newest_whole(positional[0], findings) : positional[0];
    const std::string fault = check_file(file, findings);
    const auto failed = findings.failed();
    if (settings.json) {
      print_json({{"file", file}, {"ok", failed.empty()}, {"checks", findings.json()}});
    } else {
      print_text(findings.table());
    }
    flush_print();
    if (failed.empty()) return;
    if (!fault.empty()) throw InputError(fault);
    throw InputError(fmt::format("'{}' is not as 'jensen fit' writes it (wrong: {}); use another copy", file,
                                 fmt::join(failed, ", ")));
  });
  return 0;
}

}  // namespace jensen::app
