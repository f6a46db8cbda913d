#include "command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <set>

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
  std::vector<std::string> known;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) known.push_back(option.name);
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
      const std::string short_form = option.name == "output" ? ",o" : option.name == "records" ? ",n" : "";
      const std::string names = option.name + short_form;
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
  } catch (const po::error& error) {
    throw UsageError(fmt::format("cannot read the config file '{}': {}", file, error.what()));
  }
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return lines;
}

}  // namespace

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

std::string help_text(const std::vector<OptionGroup>& groups) {
  constexpr std::size_t kIndent = 30, kWidth = 70;
  std::string text;
  for (const OptionGroup& group : groups) {
    if (group.options.empty()) continue;
    text += fmt::format("\n{}:\n", group.title);
    for (const Option& option : group.options) {
      std::string left = "  --" + option.name + (option.is_flag ? "" : " " + option.argument);
      const bool has_default = !option.is_flag && !option.default_text.empty();
      const std::string right = option.help + (has_default ? fmt::format(" [{}]", option.default_text) : "");
      for (const std::string& line : wrapped(right, kWidth)) {
        text += fmt::format("{:<{}}{}\n", left, left.size() < kIndent ? kIndent : left.size() + 1, line);
        left.clear();
      }
    }
  }
  return text;
}

}  // namespace jensen::app
