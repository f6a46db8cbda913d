#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "help.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

// What the tables below name is completed here. bash splits words at '=' and ':'.
constexpr const char* kFunctions = R"(
_jensen_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
  [[ ${COMPREPLY[0]-} != *: ]] || compopt -o nospace 2>/dev/null
}

# All files, or with an argument those of a pattern; directories always.
_jensen_files() {
  compopt -o filenames 2>/dev/null
  if [[ $# -gt 0 ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X "!$1" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}

_jensen_kind() {
  case $1 in
    words:*) _jensen_words "${1#words:}" ;;
    either:*)
      _jensen_files
      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "${1#either:}" -- "$current")
      ;;
    hdf5) _jensen_files '*.h5' ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    file) _jensen_files ;;
  esac
}

_jensen() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} first=2 i word option= count=0 kind= options= positional=()
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _jensen_words "$_jensen_commands --help --version"
    return
  fi
  if [[ $command == fit ]]; then
    if ((COMP_CWORD == 2)); then
      _jensen_words "$_jensen_models"
      [[ $current != -* ]] || _jensen_words --help
      return
    fi
    command+=" ${COMP_WORDS[2]}"
    first=3
  elif [[ $command == help && $current != -* ]]; then
    if ((COMP_CWORD == 2)); then
      _jensen_words "$_jensen_commands $_jensen_topics"
    elif [[ ${COMP_WORDS[2]} == fit || ${COMP_WORDS[2]} == config ]] && ((COMP_CWORD == 3)); then
      _jensen_words "$_jensen_models"
    fi
    return
  fi

  # "--option = value" are three words, and "labels : file" too
  if [[ $current == = ]]; then
    current= option=$before
  elif [[ $before == = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $current == : ]]; then
    current=
    _jensen_files
    return
  elif [[ $before == : ]]; then
    _jensen_files
    return
  elif [[ $before == -* ]]; then
    option=$before
  fi
  if [[ -n $option ]]; then
    _jensen_value "$command" "$option"
    if [[ $kind != flag ]]; then
      _jensen_kind "$kind"
      return
    fi
  fi
  if [[ $current == -* ]]; then
    _jensen_options "$command"
    _jensen_words "$options --help"
    return
  fi

  for ((i = first; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      _jensen_value "$command" "$word"
      if [[ $kind != flag ]]; then
        [[ ${COMP_WORDS[i + 1]-} != = ]] || i=$((i + 1))
        i=$((i + 1))
      fi
    elif [[ $word == : ]]; then
      i=$((i + 1))
    else
      count=$((count + 1))
    fi
  done
  _jensen_positional "$command"
  _jensen_kind "${positional[count]-}"
}

complete -F _jensen jensen
)";

/// What a value is: "words:none sd", "either:auto never" (or a file), "hdf5", "file", "folder", "flag",
/// "text".
std::string kind_of(const Option& option) {
  if (option.is_flag) return "flag";
  std::string words;
  bool takes_file = false;
  for (std::size_t begin = 0; begin < option.argument.size();) {
    const std::size_t end = std::min(option.argument.find('|', begin), option.argument.size());
    const std::string choice = option.argument.substr(begin, end - begin);
    const std::string literal = choice.substr(0, choice.find_first_of(":["));
    begin = end + 1;
    if (choice == "FILE") {
      takes_file = true;
    } else {
      const bool goes_on = choice.size() > literal.size() && choice[literal.size()] == ':';
      words += fmt::format("{}{}{}", words.empty() ? "" : " ", literal, goes_on ? ":" : "");
    }
  }
  if (option.argument == "INPUT") return "hdf5";
  if (option.argument == "DIR") return "folder";
  if (option.argument.find('|') != std::string::npos) return (takes_file ? "either:" : "words:") + words;
  return takes_file ? "file" : "text";
}

/// What the words of the usage are that are no options.
std::vector<std::string> positional_kinds(const CommandPage& command) {
  std::vector<std::string> kinds;
  std::string_view rest = command.usage;
  rest.remove_prefix(std::min(command.name.size() + 1, rest.size()));
  while (!rest.empty() && !rest.starts_with('-') && !rest.starts_with('[')) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    kinds.emplace_back(word == "INPUT" || word.ends_with(".h5") ? "hdf5" : "file");
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return kinds;
}

/// "case" of a function `name`: what to do for each command.
std::string table(const std::string& name, const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string text = fmt::format("\n{}() {{\n  case $1 in\n", name);
  for (const auto& [command, action] : rows) text += fmt::format("    '{}') {} ;;\n", command, action);
  return text + "  esac\n}\n";
}

}  // namespace

std::string completion() {
  std::vector<std::string> names, models, topic_names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  for (const auto& model : make_registry()) models.push_back(model->name());
  for (const Topic& topic : topics()) topic_names.emplace_back(topic.name);

  std::vector<std::pair<std::string, std::string>> options, positionals;
  std::string values = "\n# What an option takes.\n_jensen_value() {\n  kind=text\n  case \"$1 $2\" in\n";
  for (const CommandPage& command : command_pages()) {
    if (command.name == kFit) continue;  // each model has its own
    std::vector<std::string> list;
    std::map<std::string, std::vector<std::string>> patterns;  // by kind
    for (const OptionGroup& group : command.groups) {
      for (const Option& option : group.options) {
        list.push_back("--" + option.name);
        auto& of_kind = patterns[kind_of(option)];
        of_kind.push_back(fmt::format("'{} --{}'", command.name, option.name));
        if (const std::string letter = short_form(option.name); !letter.empty())
          of_kind.push_back(fmt::format("'{} -{}'", command.name, letter));
      }
    }
    options.emplace_back(command.name, fmt::format("options='{}'", fmt::join(list, " ")));
    if (const auto kinds = positional_kinds(command); !kinds.empty())
      positionals.emplace_back(command.name, fmt::format("positional=({})", fmt::join(kinds, " ")));
    for (const auto& [kind, of_kind] : patterns) {
      if (kind != "text") values += fmt::format("    {}) kind='{}' ;;\n", fmt::join(of_kind, " | "), kind);
    }
  }
  values += "    *' --help' | *' -h') kind=flag ;;\n  esac\n}\n";
  return fmt::format(
             "# bash completion of jensen {}, written by 'jensen help --completion'\n\n"
             "_jensen_commands='{}'\n_jensen_models='{}'\n_jensen_topics='{}'\n",
             JENSEN_VERSION, fmt::join(names, " "), fmt::join(models, " "), fmt::join(topic_names, " ")) +
         table("_jensen_options", options) + table("_jensen_positional", positionals) + values + kFunctions;
}

}  // namespace jensen::app::help
