#include "fit_log.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "decomposition.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"

namespace jensen::app {

FitLog::FitLog(const std::string& file, const Communicator& comm) : name_(file) {
  if (file.empty()) return;
  comm.on_root([&] {
    file_ = std::fopen(file.c_str(), "ae");
    if (file_ == nullptr)
      throw IoError(
          fmt::format("cannot write the log '{}' ({}); name another file", file, std::strerror(errno)));
  });
}

FitLog::~FitLog() {
  if (file_ != nullptr) std::fclose(file_);
}

void FitLog::write(const char* event, const Json& fields) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  Json line = {{"event", event}, {"time", std::round(1000 * now.count()) / 1000}};
  line.update(fields);
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::error_code ignored;
  const auto size = std::filesystem::file_size(name_, ignored);
  const bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  if (std::fflush(file_) == 0 && written) return;  // a reader, and a killed run, see whole lines
  print_error(fmt::format("jensen: warning: cannot write the log '{}' ({}); the fit goes on without it\n",
                          name_, std::strerror(errno)));
  std::fclose(std::exchange(file_, nullptr));
  if (std::filesystem::is_regular_file(name_, ignored)) std::filesystem::resize_file(name_, size, ignored);
}

void FitLog::note(const std::string& sentence) {
  if (file_ != nullptr) write("note", Json{{"text", sentence}});
}

void FitLog::checkpoint(const io::CheckpointCost& cost) {
  if (file_ == nullptr) return;
  write("checkpoint", {{"file", cost.file.string()},
                       {"bytes", cost.bytes},
                       {"seconds", cost.seconds},
                       {"share_of_time", cost.share},
                       {"next_after_seconds", cost.interval_seconds}});
}

void FitLog::end(const Document& document, const std::string& output) {
  if (file_ == nullptr) return;
  Json fields = attributes_json(document, "/fit");
  if (has_decomposition(document)) fields["decomposition"] = decomposition_json(document);
  fields["output"] = output;
  write("end", fields);
}

void FitLog::on_stage(const Stage& stage, const History&) {
  stage_ = stage;
}

void FitLog::on_iteration(const Report& report) {
  if (file_ == nullptr) return;
  const Progress& now = report.now;
  Json fields = {{"stage", stage_.name},
                 {"restart", stage_.restart},
                 {"iteration", now.t},
                 {"objective", report.reported_objective()},
                 {"gain", now.gain() * std::abs(report.units.factor)},
                 {"elapsed_seconds", now.elapsed_seconds.back()}};
  if (!report.repairs.empty()) {
    for (const Repair& repair : report.repairs)
      fields["repairs"].push_back({{"component", repair.component}, {"what", repair.what}});
  }
  if (now.fell) fields["fell"] = true;
  if (report.stopped != StopReason::none) fields["stopped"] = to_string(report.stopped);
  write("iteration", fields);
}

void FitLog::on_interruption(const Report& report) {
  if (file_ == nullptr) return;
  write("interruption", {{"stage", stage_.name}, {"restart", stage_.restart}, {"iteration", report.now.t}});
}

}  // namespace jensen::app
