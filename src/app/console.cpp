#include "console.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"
#include "jensen/fit/history.hpp"

namespace jensen::app {
namespace {

/// mpirun hands its children a pipe, whatever its own standard error is; on its own node it can be asked.
bool launcher_has_terminal() {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr) return false;
  std::error_code error;
  const auto target = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/2", getppid()), error);
  return !error && (target.string().starts_with("/dev/pts/") || target.string().starts_with("/dev/tty"));
}

/// Iterations worth a line in a log: 0, 1, 2, 5, 10, 20, 50, 100 ...
bool is_round(Index t) {
  while (t >= 10 && t % 10 == 0) t /= 10;
  return t == 0 || t == 1 || t == 2 || t == 5;
}

}  // namespace

ProgressStyle progress_style(const std::string& name) {
  if (name == "none") return ProgressStyle::none;
  if (name == "lines") return ProgressStyle::lines;
  if (name == "live") return ProgressStyle::live;
  if (name != "auto")
    throw UsageError(fmt::format("progress = '{}' (must be auto, live, lines or none)", name));
  return isatty(STDERR_FILENO) != 0 || launcher_has_terminal() ? ProgressStyle::live : ProgressStyle::lines;
}

void StatusLine::show(const std::string& text) {
  if (style_ != ProgressStyle::live) return;
  const double now = watch_.seconds();
  if (shown_at_ >= 0 && now - shown_at_ < 0.1) return;
  shown_at_ = now;
  showing_ = true;
  print_error(fmt::format("\r\x1b[K{:.79}", text));
}

void StatusLine::keep(const std::string& text) {
  if (style_ == ProgressStyle::none) return;
  clear();
  print_error(fmt::format("{}\n", text));
}

void StatusLine::clear() {
  if (!showing_) return;
  print_error("\r\x1b[K");
  showing_ = false;
}

void ProgressObserver::note(const std::string& sentence) {
  line_.clear();
  print_error(fmt::format("jensen: {}\n", sentence));
}

void ProgressObserver::on_stage(const Stage& stage, const History& behind) {
  stage_ = stage;
  behind_ = &behind;
}

bool ProgressObserver::is_notable(const Report& report) const {
  constexpr Index kFew = 20;
  const bool best = !behind_->best || report.now.objective() > behind_->best->record.objective;
  return stage_.restarts <= kFew || best || is_round(stage_.restart + 1);
}

void ProgressObserver::on_iteration(const Report& report) {
  const Progress& now = report.now;
  const std::string place = stage_.restarts == 1 ? stage_.name
                                                 : fmt::format("restart {}/{} {}", stage_.restart + 1,
                                                               stage_.restarts, stage_.name);
  std::string text = fmt::format("{:<21} iteration {:>4}  {} {:.9g}", place, now.t, report.units.name,
                                 report.reported_objective());
  if (now.t > 0) text += fmt::format("  gain {:.1e}", now.gain() * std::abs(report.units.factor));
  const bool stopped = report.stopped != StopReason::none;
  for (const Repair& repair : report.repairs) {
    const std::string of = repair.component < 0 ? "" : fmt::format("component {}: ", repair.component);
    line_.keep(fmt::format("{:<21} iteration {:>5}  repair: {}{}", place, now.t, of, repair.what));
  }
  if (now.fell) {
    line_.keep(
        fmt::format("{:<21} iteration {:>5}  the objective fell by {:.3g}", place, now.t, -now.gain()));
  }
  const bool main_stage = stage_.name == "fit";
  if (stopped && main_stage && is_notable(report)) {
    line_.keep(fmt::format("{}  {}", text, to_string(report.stopped)));
  } else if (line_.style() == ProgressStyle::lines && main_stage && stage_.restart == 0 && is_round(now.t)) {
    line_.keep(text);
  } else {
    line_.show(text);
  }
}

}  // namespace jensen::app
