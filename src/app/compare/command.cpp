#include <fmt/format.h>

#include <algorithm>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/fit_setup.hpp"
#include "app/print.hpp"
#include "app/registry.hpp"
#include "compare.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"
#include "jensen/io/model_file.hpp"

namespace jensen::app {
namespace {

bool is_table(const std::string& argument) {
  return argument.starts_with(kTablePrefix);
}

bool is_model(const std::string& argument, const Communicator& comm) {
  return comm.max(std::int64_t{comm.is_root() && io::is_model_file(argument)}) == 1;
}

Comparison compare(const std::string& p, const std::string& q, const CompareSettings& settings,
                   const Communicator& comm) {
  const Unit unit = unit_of(settings.base);
  if (is_table(p) != is_table(q)) {
    throw UsageError(
        fmt::format("'{}' and '{}' are a table and a file (must be two tables, or two files)", p, q));
  }
  const bool p_is_model = !is_table(p) && is_model(p, comm), q_is_model = !is_table(q) && is_model(q, comm);
  if (!settings.data.empty() && (is_table(p) || p_is_model != q_is_model))
    throw UsageError(fmt::format("data = '{}' (goes with two models); leave it out", settings.data));
  if (is_table(p)) return compare_tables(p, q, unit, comm);
  if (p_is_model != q_is_model) {
    const Document model = read_model(p_is_model ? p : q, comm);
    return compare_on_data({&model}, p_is_model ? q : p, settings, unit, comm);
  }
  const Document p_model = read_model(p, comm), q_model = read_model(q, comm);
  if (!settings.data.empty())
    return compare_on_data({&p_model, &q_model}, settings.data, settings, unit, comm);
  if (!settings.weights.empty())
    throw UsageError(
        fmt::format("weights = '{}' (goes with data); leave it out, or give --data", settings.weights));
  if (has_topics(p_model) && has_topics(q_model)) return compare_topics(p_model, q_model, unit);
  return compare_models(p_model, q_model, settings, unit, comm);
}

}  // namespace

void describe_model(const std::string& label, const Document& document, Comparison& comparison) {
  const Index components = document.integer_attribute("/fit", "components");
  const auto model = model_of(document);
  comparison.line(label, fmt::format("{}: {}, {} {}", document.origin, model->name(), components,
                                     components == 1 ? model->nouns().component : model->nouns().components));
  if (model->read_as().empty()) return;
  comparison.line("", "read as " + model->read_as());
  comparison.json["read_as"][document.origin] = model->read_as();
}

void warn_of_names(const std::vector<std::string>& p, const std::string& p_file,
                   const std::vector<std::string>& q, const std::string& q_file, const Communicator& comm) {
  for (std::size_t d = 0; comm.is_root() && d < std::min(p.size(), q.size()); ++d) {
    const std::string made_up = fmt::format("x{}", d);
    if (p[d] == q[d] || p[d] == made_up || q[d] == made_up) continue;
    return print_error(fmt::format(
        "jensen: warning: feature {} is '{}' in '{}' and '{}' in '{}'; they are compared as they stand\n",
        d + 1, p[d], p_file, q[d], q_file));
  }
}

int compare_command(const std::vector<std::string>& arguments, const Communicator& comm) {
  CompareSettings settings;
  const std::vector<OptionGroup> groups = {{"options", options_of(settings)}};
  const auto positional = parse_command_line(arguments, groups);
  require_positional(positional, {"P.h5", "Q.h5"}, "compare");
  const Comparison comparison = compare(positional[0], positional[1], settings, comm);
  comm.on_root([&] {
    if (settings.json) {
      print_json(comparison.json);
    } else {
      print_text(comparison.text);
    }
  });
  return 0;
}

}  // namespace jensen::app
