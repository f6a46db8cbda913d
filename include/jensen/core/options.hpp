#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "jensen/core/document.hpp"

namespace jensen {

enum class OptionKind {
  result,       // changes what is fitted
  run_control,  // changes how long, where to and how loud
  hidden,       // for tests: which way something is computed, to the same result but for rounding
};

/// One member of an options struct. A struct lists its fields once, in `static auto fields()` returning a
/// tuple of these; flags, config keys, help and the record of what was used all come from that list.
template <class Options, class T>
struct Field {
  const char* name;      // "covariance-floor"
  T Options::*member;    // its value in a default-constructed struct is the default
  const char* argument;  // "f": what help calls the value; unused for bool
  const char* help;
  OptionKind kind = OptionKind::result;
};
template <class Options, class T>
Field(const char*, T Options::*, const char*, const char*, OptionKind) -> Field<Options, T>;
template <class Options, class T>
Field(const char*, T Options::*, const char*, const char*) -> Field<Options, T>;

/// A field of some struct in memory, its type erased.
struct Option {
  std::string name;
  std::string argument;
  std::string help;
  OptionKind kind = OptionKind::result;
  bool is_flag = false;
  std::string default_text = {};                     // empty: no default
  std::function<void(const std::string&)> set = {};  // throws UsageError: what was found, what was expected
  std::function<Document::Scalar()> get = {};

  bool hidden() const { return kind == OptionKind::hidden; }
  /// Whether files and reports have it: what is hidden only where it is not left at its default.
  bool is_recorded() const;
};

void parse_option(const std::string& name, const std::string& text, double& value);
void parse_option(const std::string& name, const std::string& text, Index& value);
void parse_option(const std::string& name, const std::string& text, bool& value);
void parse_option(const std::string& name, const std::string& text, std::string& value);

/// As config files and help have it: shortest, and reading back to the same bits.
std::string to_text(const Document::Scalar& value);

namespace detail {

inline Document::Scalar to_scalar(double value) {
  return value;
}
inline Document::Scalar to_scalar(Index value) {
  return value;
}
inline Document::Scalar to_scalar(bool value) {
  return std::string(value ? "true" : "false");
}
inline Document::Scalar to_scalar(const std::string& value) {
  return value;
}

}  // namespace detail

/// The options of a struct, which must outlive them.
template <class Options>
std::vector<Option> options_of(Options& options, const Options& defaults = {}) {
  std::vector<Option> list;
  const auto add = [&]<class T>(const Field<Options, T>& field) {
    T& member = options.*(field.member);
    list.push_back({.name = field.name,
                    .argument = field.argument,
                    .help = field.help,
                    .kind = field.kind,
                    .is_flag = std::is_same_v<T, bool>,
                    .default_text = to_text(detail::to_scalar(defaults.*(field.member))),
                    .set = [name = std::string(field.name),
                            &member](const std::string& text) { parse_option(name, text, member); },
                    .get = [&member] { return detail::to_scalar(member); }});
  };
  std::apply([&](const auto&... field) { (add(field), ...); }, Options::fields());
  return list;
}

/// Names of `known` that are near to what was typed (edit distance), best first; at most three.
std::vector<std::string> near_misses(std::string_view typed, const std::vector<std::string>& known);

}  // namespace jensen
