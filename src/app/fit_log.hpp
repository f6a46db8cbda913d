#pragma once

#include <cstdio>
#include <string>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/fit/observer.hpp"
#include "jensen/io/lasting_run.hpp"
#include "json.hpp"

namespace jensen::app {

/// Appends what happens in a fit to a file, for programs to read: one JSON object a line, each with "event"
/// and "time" (seconds since the epoch). Does nothing without a file, and on other ranks than 0. A file that
/// takes no more is left, which is said.
class FitLog final : public Observer {
 public:
  /// Collective; throws IoError where the file cannot be written.
  FitLog(const std::string& file, const Communicator& comm);
  ~FitLog() override;
  FitLog(const FitLog&) = delete;
  FitLog& operator=(const FitLog&) = delete;

  void checkpoint(const io::CheckpointCost& cost);
  void note(const std::string& sentence);
  /// The attributes of "/fit" of a finished model.
  void end(const Document& document, const std::string& output);

  void on_stage(const Stage& stage, const History& behind) override;
  void on_iteration(const Report& report) override;
  void on_interruption(const Report& report) override;

 private:
  void write(const char* event, const Json& fields);

  std::string name_;
  std::FILE* file_ = nullptr;
  Stage stage_;
};

}  // namespace jensen::app
