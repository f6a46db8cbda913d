#include "lasting.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>
#include <map>

#include "jensen/core/error.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

bool parse_number(std::string_view text, double& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() && std::isfinite(value) && value >= 0;
}

/// "hours:minutes:seconds" or "days-hours:minutes[:seconds]", as SLURM writes times. SLURM's "30:00" is half
/// an hour, which others read as thirty: refused.
bool parse_clock(std::string_view text, double& seconds) {
  double days = 0;
  const auto dash = text.find('-');
  const bool has_days = dash != std::string_view::npos;
  if (has_days) {
    if (!parse_number(text.substr(0, dash), days)) return false;
    text.remove_prefix(dash + 1);
  }
  std::vector<double> parts;
  for (bool more = true; more;) {
    const auto colon = text.find(':');
    more = colon != std::string_view::npos;
    double part = 0;
    if (!parse_number(text.substr(0, colon), part)) return false;
    parts.push_back(part);
    if (more) text.remove_prefix(colon + 1);
  }
  if (parts.size() < (has_days ? 2 : 3) || parts.size() > 3) return false;
  if (parts.size() == 2) parts.push_back(0);
  seconds = ((days * 24 + parts[0]) * 60 + parts[1]) * 60 + parts[2];
  return true;
}

}  // namespace

double parse_duration(const std::string& name, const std::string& text) {
  static const std::map<std::string, double> kUnits = {{"", 1},   {"s", 1},    {"sec", 1},  {"min", 60},
                                                       {"m", 60}, {"h", 3600}, {"d", 86400}};
  double value = 0;
  if (text.find(':') != std::string::npos) {
    if (parse_clock(text, value)) return value;
  } else {
    const auto end = text.find_first_not_of("0123456789.");
    const auto unit = kUnits.find(end == std::string::npos ? "" : text.substr(end));
    if (unit != kUnits.end() && parse_number(text.substr(0, end), value)) return value * unit->second;
  }
  throw UsageError(fmt::format("{} = '{}' (must be a time such as 90s, 10min, 8h, 2d, 1:30:00 or 1-12:00:00)",
                               name, text));
}

double seconds_until(const std::string& name, const std::string& text, std::time_t now) {
  if (text.find_first_of("@T") == std::string::npos) {
    const double seconds = parse_duration(name, text);
    if (!(seconds > 0)) throw UsageError(fmt::format("{} = '{}' (must be more than 0)", name, text));
    return seconds;
  }
  double moment = 0;
  if (text.starts_with('@')) {
    if (!parse_number(std::string_view(text).substr(1), moment))
      throw UsageError(fmt::format("{} = '{}' (must be @ and seconds since 1970)", name, text));
  } else {
    std::tm parts = {};
    parts.tm_isdst = -1;  // as the zone has it on that day
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M", &parts);
    if (end != nullptr && *end == ':') end = ::strptime(end, ":%S", &parts);
    if (end == nullptr || *end != '\0')
      throw UsageError(fmt::format("{} = '{}' (must be a moment such as 2026-01-31T18:00)", name, text));
    moment = static_cast<double>(std::mktime(&parts));
  }
  const double seconds = moment - static_cast<double>(now);
  if (!(seconds > 0)) {
    throw UsageError(fmt::format("{} = '{}' (must be in the future; it is {:%Y-%m-%dT%H:%M:%S} here, @{})",
                                 name, text, fmt::localtime(now), now));
  }
  return seconds;
}

io::LastingOptions lasting_options(const FitSettings& settings, const Communicator& comm) {
  io::LastingOptions options{
      .directory = settings.checkpoint, .result = settings.output, .keep = !settings.checkpoint.empty()};
  if (settings.checkpoint.empty()) options.directory = settings.output + ".ckpt";
  const std::string& interval = settings.checkpoint_interval;
  if (interval.ends_with("it")) {
    options.interval_seconds = 0;
    const char* const end = interval.data() + interval.size() - 2;
    const auto [stop, error] = std::from_chars(interval.data(), end, options.interval_iterations);
    if (error != std::errc() || stop != end || options.interval_iterations < 1) {
      throw UsageError(fmt::format(
          "checkpoint-interval = '{}' (must be a whole number of iterations, 1it or more, or a time)",
          interval));
    }
  } else {
    options.interval_seconds = parse_duration("checkpoint-interval", interval);
    if (!(options.interval_seconds > 0))
      throw UsageError(fmt::format("checkpoint-interval = '{}' (must be more than 0)", interval));
  }
  if (settings.resume == "never") {
    options.resume = io::Resume::never;
  } else if (settings.resume != "auto") {
    if (settings.resume.empty()) throw UsageError("resume = '' (must be auto, never or a checkpoint's FILE)");
    options.resume = io::Resume::from_file;
    options.resume_file = settings.resume;
  }
  comm.on_root([&] {  // by one clock
    if (!settings.deadline.empty())
      options.deadline_seconds = seconds_until("deadline", settings.deadline, std::time(nullptr));
  });
  options.watchdog_seconds = parse_duration("watchdog", settings.watchdog);
  return options;
}

void require_same_options(const Document& checkpoint, const std::string& model,
                          const std::vector<Option>& options) {
  const auto stored = [&](const std::string& name) -> std::string {
    const auto& config = checkpoint.attributes();
    const auto group = config.find("/config");
    if (group == config.end() || !group->second.contains(name)) return "";
    return to_text(group->second.at(name));
  };
  const auto refuse = [&](const std::string& name, const std::string& now, const std::string& before) {
    throw CheckpointError(fmt::format(
        "{} = '{}' (must be {}, as in '{}', to go on from it); give the same, or name another directory with "
        "--checkpoint or remove this one to begin anew",
        name, now, before.empty() ? "absent" : "'" + before + "'", checkpoint.origin));
  };
  if (stored("model") != model) refuse("model", model, stored("model"));
  for (const Option& option : options) {
    if (option.kind == OptionKind::run_control) continue;
    const std::string now = to_text(option.get()), before = stored(option.name);
    if (before != (option.is_recorded() ? now : "")) refuse(option.name, now, before);
  }
}

std::string stop_sentence(const io::LastingRun& run, const FitSettings& settings) {
  const char* const how = settings.resume == "auto" ? "" : "with --resume auto ";
  const bool hasty = !settings.deadline.empty() && run.evaluations() <= 1;
  return fmt::format("stopped {} after {}; {}the same command goes on from '{}'{}", run.stop_cause(),
                     human_seconds(run.seconds()), how, run.latest().string(),
                     hasty ? ", which needs a later deadline to get anywhere" : "");
}

}  // namespace jensen::app
