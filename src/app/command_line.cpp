#include "command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "command_list.hpp"
#include "jensen/core/error.hpp"

namespace jensen::app {
namespace {

namespace po = boost::program_options;

/// Names that later versions will take; refused with a sentence until then.
constexpr std::array kReserved = {"criterion", "missing", "noise", "prior", "fix", "standard-errors"};

const Option* find(const std::vector<OptionGroup>& groups, const std::string& name) {
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) {
      if (option.name == name) return &option;
    }
  }
  return nullptr;
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::string& where,
                                 const std::vector<OptionGroup>& groups) {
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    throw UsageError(
        fmt::format("{}'{}' is reserved for a later version of jensen; leave it out", where, name));
  }
  if (const auto owners = commands_with(name); !owners.empty()) {
    throw UsageError(fmt::format("{}'{}' is unknown here (it is an option of {}); leave it out", where, name,
                                 fmt::join(owners, ", ")));
  }
  std::vector<std::string> known;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) {
      if (!option.hidden()) known.push_back(option.name);
    }
  }
  const auto near = near_misses(name, known);
  throw UsageError(fmt::format(
      "{}'{}' is unknown ({})", where, name,
      near.empty() ? "--help lists the options" : fmt::format("did you mean {}?", fmt::join(near, ", "))));
}

po::options_description description_of(const std::vector<OptionGroup>& groups) {
  po::options_description description;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) {
      auto* const value = po::value<std::string>();
      if (option.is_flag) value->zero_tokens();
      const std::string letter = short_form(option.name);
      const std::string names = option.name + (letter.empty() ? "" : "," + letter);
      description.add_options()(names.c_str(), value);
    }
  }
  return description;
}

void set_from_config(const Option& option, const std::string& value, const std::string& file) {
  try {
    option.set(value);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("in '{}': {}", file, error.what()));
  }
}

void apply_config(const std::string& file, const std::vector<OptionGroup>& groups) {
  std::ifstream stream(file);
  if (!stream) throw UsageError(fmt::format("cannot open the config file '{}'; check the path", file));
  if (std::filesystem::is_directory(file)) {
    throw UsageError(fmt::format("the config file '{}' is a directory; name a file in it", file));
  }
  po::options_description description;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options)
      description.add_options()(option.name.c_str(), po::value<std::string>());
  }
  const std::string where = fmt::format("in '{}': key ", file);
  try {
    std::set<std::string> seen;
    for (const auto& entry :
         po::parse_config_file(stream, description, /*allow_unregistered=*/true).options) {
      const Option* const option = find(groups, entry.string_key);
      if (option == nullptr) refuse_unknown(entry.string_key, where, groups);
      if (option->name == "config") {
        throw UsageError(fmt::format("{}'config' names another config file; put all keys into one", where));
      }
      if (!seen.insert(entry.string_key).second) {
        throw UsageError(fmt::format("{}'{}' is given twice; keep one of them", where, entry.string_key));
      }
      set_from_config(*option, entry.value.front(), file);
    }
  } catch (const po::invalid_config_file_syntax& error) {
    // Its what() puts the line into a text again and again where that holds its placeholder.
    throw UsageError(fmt::format(
        "in the config file '{}': a line is '{}' (must be key = value, or empty, or begin with #)", file,
        error.tokens()));
  } catch (const po::error& error) {
    throw UsageError(fmt::format("cannot read the config file '{}': {}", file, error.what()));
  }
}

}  // namespace

std::string short_form(const std::string& option) {
  return option == "output" ? "o" : option == "records" ? "n" : "";
}

std::vector<std::string> parse_command_line(const std::vector<std::string>& arguments,
                                            const std::vector<OptionGroup>& groups) {
  const po::options_description description = description_of(groups);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  std::vector<std::string> positional;
  std::vector<std::pair<const Option*, std::string>> given;
  try {
    const auto parsed =
        po::command_line_parser(arguments).options(description).style(style).allow_unregistered().run();
    std::set<std::string> seen;
    for (const auto& entry : parsed.options) {
      if (entry.string_key.empty()) {
        positional.insert(positional.end(), entry.value.begin(), entry.value.end());
        continue;
      }
      const Option* const option = find(groups, entry.string_key);
      if (option == nullptr) refuse_unknown(entry.string_key, "option ", groups);
      if (!seen.insert(entry.string_key).second) {
        throw UsageError(fmt::format("option '--{}' is given twice; keep one of them", entry.string_key));
      }
      given.emplace_back(option, option->is_flag ? "true" : entry.value.front());
    }
  } catch (const po::error& error) {
    throw UsageError(fmt::format("{}; --help lists the options", error.what()));
  }
  for (const auto& [option, value] : given) {
    if (option->name == "config") apply_config(value, groups);
  }
  for (const auto& [option, value] : given) option->set(value);
  return positional;
}

}  // namespace jensen::app
