#include "jensen/io/lasting_run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "jensen/core/error.hpp"
#include "jensen/core/numeric_canary.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/core/standard_error.hpp"
#include "jensen/core/stop_signals.hpp"
#include "jensen/fit/record.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/safe_file.hpp"
#include "watchdog.hpp"

namespace jensen::io {
namespace {

constexpr double kLargestShare = 0.02;  // of the time, for checkpoints
const std::string kFingerprint = "/fingerprint/";
const std::string kCanary = "/fingerprint/canary";

constexpr std::int64_t kMixed = 0;  // a canary of ranks that differ

/// Of the failures in a row those that are worth a sentence.
bool is_power_of_ten(Index count) {
  while (count % 10 == 0) count /= 10;
  return count == 1;
}

bool same(const NdArray& a, const NdArray& b) {
  return a.shape == b.shape && a.values == b.values;
}

}  // namespace

LastingRun::LastingRun(LastingOptions options, const Communicator& comm)
    : options_(std::move(options)), comm_(comm) {
  catch_stop_signals();
  observers.push_back(this);
  votes = [this] { return wishes(); };
  interrupted = [this] { return breaks_off(); };
  std::string file;
  comm.on_root([&] {
    directory_ =
        std::make_unique<CheckpointDirectory>(options_.directory, [this](const auto& text) { say(text); });
    if (options_.resume == Resume::never && !directory_->empty()) {
      throw CheckpointError(
          fmt::format("'{}' has checkpoints (must have none with --resume never); remove the directory, "
                      "name another with --checkpoint, or go on with --resume auto",
                      options_.directory.string()));
    }
    if (options_.resume == Resume::from_file) {
      file = options_.resume_file.string();
    } else if (const auto newest = directory_->newest()) {
      file = newest->origin;
    }
  });
  comm.broadcast(file);
  watchdog_ = std::make_unique<Watchdog>(Watchdog::Options{.directory = options_.directory,
                                                           .limit_seconds = options_.watchdog_seconds,
                                                           .rank = comm.rank(),
                                                           .ranks = comm.size()});
  if (file.empty()) return;
  comm.agree([&] {
    try {
      checkpoint_ = read_model_file(file);
      if (!has_snapshot(*checkpoint_)) {
        throw InputError(
            fmt::format("'{}' is the result of a finished fit, not a checkpoint; begin another fit from it "
                        "with --start model:{}",
                        file, file));
      }
    } catch (const UnreadableError& error) {
      throw IoError(error.what());
    } catch (const InputError& error) {
      throw CheckpointError(error.what());
    }
  });
}

LastingRun::LastingRun(LastingOptions options, Document header, const Communicator& comm)
    : LastingRun(std::move(options), comm) {
  begin(std::move(header));
}

LastingRun::~LastingRun() {
  // A run that fails early leaves its start alone, which is worth nothing and would stand in the way of the
  // next.
  const bool begun = checkpoint_ || cost_.checkpoints > 1;
  watchdog_->end(stopped() ? "stopped" : "failed");
  if (!directory_ || finished_ || stopped() || begun) return;
  try {
    directory_->remove();
  } catch (const Error&) {
    // stays, then
  }
}

void LastingRun::say(const std::string& sentence) const {
  if (!comm_.is_root()) return;
  if (options_.note) return options_.note(sentence);
  print_error(fmt::format("jensen: {}\n", sentence));
}

void LastingRun::begin(Document header) {
  watchdog_->moved();
  header_ = std::move(header);
  const bool mixed = comm_.min(options_.canary) != comm_.max(options_.canary);
  header_.set(kCanary, NdArray{{1}, std::vector<std::int64_t>{mixed ? kMixed : options_.canary}});
  if (mixed) {
    resume_exactly = false;
    say("the numeric canary differs between ranks: on CPUs of several types the bits of the result may "
        "follow the number of ranks, and ranks may decide differently; use nodes of one type");
  }
  if (!checkpoint_) return;
  const std::string& origin = checkpoint_->origin;
  for (const auto& [path, array] : header_.arrays()) {
    if (!path.starts_with(kFingerprint)) continue;
    if (checkpoint_->has(path) && same(checkpoint_->array(path), array)) continue;
    if (path == kCanary) {
      resume_exactly = false;
      say(fmt::format(
          "the numeric canary differs from that in '{}': on this type of CPU, or in this build, the bits of "
          "the result may differ",
          origin));
      continue;
    }
    throw CheckpointError(fmt::format(
        "'{}' belongs to a fit of other data (the hash of records and weights differs; the checkpoint's data "
        "were "
        "{}); fit those, or name another directory with --checkpoint",
        origin,
        checkpoint_->has_attribute("/data", "source") ? checkpoint_->text_attribute("/data", "source")
                                                      : "others"));
  }
  Snapshot snapshot;
  try {
    snapshot = stored_snapshot(*checkpoint_);
    earlier_seconds_ = checkpoint_->number_attribute("/state/run", "seconds");
    resumes_ = checkpoint_->integer_attribute("/state/run", "resumes") + 1;
  } catch (const InputError& error) {
    throw CheckpointError(
        fmt::format("'{}' cannot be gone on from: {}; use another checkpoint", origin, error.what()));
  }
  say(snapshot.ended
          ? fmt::format("all fits had ended in '{}': writing the result, which other limits or tolerances do "
                        "not change",
                        origin)
          : fmt::format("going on from '{}': {}", origin, place_of(snapshot)));
  has_checkpoint_ = options_.resume != Resume::from_file;  // that may lie elsewhere
  resume_from(std::move(snapshot));
}

std::string LastingRun::stop_cause() const {
  if (const std::string signal = stop_signal_name(); !signal.empty()) return "by " + signal;
  if (stop_file_) return "by the file STOP";
  return std::isfinite(options_.deadline_seconds) ? "before the deadline" : "on request";
}

int LastingRun::leave() const {
  say(fmt::format("stopped {}; the same command goes on from '{}'", stop_cause(), latest().string()));
  return static_cast<int>(ExitCode::stopped);
}

void LastingRun::finish() {
  finished_ = true;
  watchdog_->end("finished");
  if (options_.keep) return;
  comm_.on_root([&] {
    try {
      directory_->remove();
    } catch (const IoError& error) {
      say(fmt::format("warning: the checkpoints stay: {}", error.what()));
    }
  });
}

bool LastingRun::affords_checkpoint(double now) const {
  return cost_.seconds <= kLargestShare * now;
}

void LastingRun::look_for_requests(double now) {
  constexpr double kOften = 1;  // seconds: a look may be a message to a file server
  if (now - looked_at_ < kOften) return;
  looked_at_ = now;
  if (directory_->take_request("STOP")) stop_file_ = true;
  if (directory_->take_request("CHECKPOINT")) checkpoint_file_ = true;
}

Votes LastingRun::wishes() {
  const double now = watch_.seconds();
  if (comm_.is_root()) look_for_requests(now);
  Votes mine{.stop = stop_signalled() || stop_file_ ? 1 : 0};
  if (!comm_.is_root()) return mine;
  const double margin = std::max(2 * dearest_checkpoint_, longest_iteration_);
  if (now + margin >= options_.deadline_seconds) mine.stop = 1;
  const bool late = options_.interval_seconds > 0 && now - written_at_ >= options_.interval_seconds;
  if (checkpoint_file_ || (late && affords_checkpoint(now))) mine.checkpoint_due = 1;
  return mine;
}

/// Only where there is something to go back to: else ending the first pass is the best hope.
bool LastingRun::breaks_off() {
  if (!has_checkpoint_ || (!comm_.is_root() && !stop_signalled())) return false;
  const double now = watch_.seconds();
  if (comm_.is_root()) {
    look_for_requests(now);
    if (now + 2 * dearest_checkpoint_ >= options_.deadline_seconds) return true;
  }
  if (!stop_signalled() && !stop_file_) return false;
  asked_at_ = std::min(asked_at_, now);
  return now - asked_at_ >= options_.patience_seconds;
}

void LastingRun::on_stage(const Stage& stage, const History& behind) {
  stage_ = stage;
  behind_ = &behind;
  evaluated_at_ = watch_.seconds();
  watchdog_->moved();
  watchdog_->note("stage",
                  fmt::format("{} of restart {} of {}", stage.name, stage.restart + 1, stage.restarts));
}

/// At the evaluation of `report`; the objective and the progress are the caller's to say.
Snapshot LastingRun::snapshot_of(const Report& report) const {
  return {.stage = stage_, .model = report.state(), .history = *behind_};
}

void LastingRun::fill_checkpoint(const Report& report, const Snapshot& snapshot, const Progress& evaluated,
                                 Document& document) const {
  store_snapshot(snapshot, document);
  report.save(document);
  record_progress(evaluated, report.units, report.stopped, document);
  if (stage_.name != Stage().name) return;  // the restarts behind it have objectives in other units
  const bool weighed = evaluated.weight > 0 || !behind_->best;
  record_restarts(*behind_, report.units, weighed ? evaluated.weight : behind_->best->progress.weight,
                  document);
}

void LastingRun::on_iteration(const Report& report) {
  longest_iteration_ = std::max(longest_iteration_, watch_.seconds() - evaluated_at_);
  ++evaluations_;
  ++iterations_since_;
  watchdog_->iterated();
  watchdog_->note("iteration", fmt::to_string(report.now.t));
  watchdog_->note("objective", fmt::format("{} {:.17g} {}", report.units.name, report.reported_objective(),
                                           report.units.unit));
  const bool stopping = report.stopped == StopReason::stop_requested;
  const bool due = report.votes.checkpoint_due > 0 ||
                   (options_.interval_iterations > 0 && iterations_since_ >= options_.interval_iterations);
  if (stopping || due || !has_checkpoint_) {
    const auto fill = [&](Document& document) {
      Snapshot snapshot = snapshot_of(report);
      snapshot.progress = report.now.before_evaluation();
      snapshot.objective = report.now.objective();
      fill_checkpoint(report, snapshot, report.now, document);
    };
    write(fill, stopping || !has_checkpoint_);
    checkpoint_file_ = false;
  }
  evaluated_at_ = watch_.seconds();
}

/// The parameters have no objective yet: the file says that of the iteration before, if there is one.
void LastingRun::on_interruption(const Report& report) {
  if (checkpoint_ && evaluations_ == 0) return;  // that still says where the run stands
  const auto fill = [&](Document& document) {
    Snapshot snapshot = snapshot_of(report);
    snapshot.progress = report.now;
    snapshot.progress.fell = false;
    Progress evaluated = report.now;
    if (evaluated.t > 0) {
      --evaluated.t;
      evaluated.changes.pop_back();
    }
    fill_checkpoint(report, snapshot, evaluated, document);
  };
  write(fill, true);
}

void LastingRun::on_end(const History& all, const std::function<void(Document&)>& save) {
  const auto fill = [&](Document& document) {
    store_snapshot({.stage = stage_, .ended = true, .history = all}, document);
    save(document);
  };
  write(fill, false);
}

void LastingRun::write(const std::function<void(Document&)>& fill, bool essential) {
  const Stopwatch watch;
  try {
    const TimedPhase timed(Phase::files);
    comm_.on_root([&] {
      Document document = header_;
      record_format(document);
      fill(document);
      document.set_attribute("/state/run", "seconds", seconds());
      document.set_attribute("/state/run", "resumes", resumes_);
      cost_.bytes = directory_->write(document);
      if (!has_checkpoint_) require_room();
    });
    has_checkpoint_ = true;
    ++cost_.checkpoints;
    if (failures_ > 0) say(fmt::format("checkpoints are written again, after {} that failed", failures_));
    failures_ = 0;
  } catch (const IoError& error) {
    if (essential) throw;
    if (is_power_of_ten(++failures_)) {
      say(fmt::format("warning: no checkpoint{}: {}; going on, with the last good one in reserve",
                      failures_ > 1 ? fmt::format(", {} times in a row", failures_) : "", error.what()));
    }
  }
  iterations_since_ = 0;
  written_at_ = watch_.seconds();
  dearest_checkpoint_ = std::max(dearest_checkpoint_, watch.seconds());
  cost_.seconds += watch.seconds();
  watchdog_->moved();
  if (failures_ == 0) tell_cost(watch.seconds());
}

void LastingRun::require_room() const {
  directory_->require_room(cost_.bytes);
  if (!options_.result.empty())
    require_room_for(options_.result, cost_.bytes, "the result", "another file with --output");
}

void LastingRun::tell_cost(double seconds) {
  if (!comm_.is_root()) return;
  watchdog_->note("checkpoint", latest().string());
  watchdog_->note("checkpointed", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
  if (!options_.written) return;
  const double now = watch_.seconds();
  options_.written(
      {.file = latest(),
       .bytes = cost_.bytes,
       .seconds = seconds,
       .share = cost_.seconds / now,
       .interval_seconds = std::max(options_.interval_seconds, cost_.seconds / kLargestShare - now)});
}

}  // namespace jensen::io
