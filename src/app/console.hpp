#pragma once

#include <string>

#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/observer.hpp"

namespace jensen::app {

/// How to show that work goes on.
enum class ProgressStyle { none, lines, live };

/// From "auto", "live", "lines", "none"; auto: live where standard error is a terminal (that of mpirun, if it
/// started this process), else lines. Throws UsageError.
ProgressStyle progress_style(const std::string& name);

/// One line on standard error that is written again and again, or ordinary lines.
class StatusLine {
 public:
  explicit StatusLine(ProgressStyle style) : style_(style) {}
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  ProgressStyle style() const { return style_; }
  /// Shows text that the next call may replace; nothing unless live, and at most ten times a second.
  void show(const std::string& text);
  /// Shows text that stays; nothing if style is none.
  void keep(const std::string& text);
  void clear();

 private:
  ProgressStyle style_;
  Stopwatch watch_;
  double shown_at_ = -1;
  bool showing_ = false;
};

/// Shows how a fit goes on. For rank 0.
class ProgressObserver final : public Observer {
 public:
  explicit ProgressObserver(ProgressStyle style) : line_(style) {}

  /// A sentence that stays.
  void note(const std::string& sentence);

  void on_stage(const Stage& stage, const History& behind) override;
  void on_iteration(const Report& report) override;

 private:
  /// Whether the end of a fit is worth a line that stays: not if there are hundreds.
  bool is_notable(const Report& report) const;

  StatusLine line_;
  Stage stage_;
  const History* behind_ = nullptr;
};

}  // namespace jensen::app
