#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/numeric_canary.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/run.hpp"
#include "jensen/io/checkpoint_directory.hpp"

namespace jensen::io {

class Watchdog;

/// A checkpoint that has been written, and what it cost.
struct CheckpointCost {
  std::filesystem::path file;
  std::size_t bytes = 0;
  double seconds = 0;
  double share = 0;             // of the run's time so far that went into checkpoints
  double interval_seconds = 0;  // the shortest time to the next, so that the share stays below 2 %
};

/// What `begin` does about checkpoints that are there already.
enum class Resume {
  automatic,  // go on from the newest; begin anew where there is none
  never,      // refuse
  from_file,  // go on from `LastingOptions::resume_file`
};

struct LastingOptions {
  std::filesystem::path directory = {};  // of the checkpoints
  std::filesystem::path result = {};     // room for it, as for a checkpoint, is wanted from the start
  double interval_seconds = 600;         // between checkpoints; 0: not by time
  Index interval_iterations = 0;         // 0: not by iterations
  Resume resume = Resume::automatic;
  std::filesystem::path resume_file = {};
  double deadline_seconds = std::numeric_limits<double>::infinity();  // from construction: stop before it
  bool keep = false;                                                  // the checkpoints, after the end
  double patience_seconds = 5;    // after a request, with the iteration at hand, which is then broken off
  double watchdog_seconds = 600;  // without a move, after which it is said which rank hangs; 0: never
  std::int64_t canary = numeric_canary();  // of this rank: where ranks differ, bits may
  /// Gets sentences for the user, on rank 0; by default they go to standard error.
  CheckpointDirectory::Note note = {};
  std::function<void(const CheckpointCost&)> written = {};  // likewise
};

/// A run that outlives its job: it writes checkpoints, goes on from them on any number of ranks to the same
/// bits, and stops with a checkpoint when it is asked to: by a signal (see `catch_stop_signals`, which the
/// constructor calls), by a file STOP in the directory, or by the deadline. It then ends the iteration at
/// hand, unless that takes longer than the patience: such a one is broken off between two blocks. A file
/// CHECKPOINT asks for a checkpoint. The files are looked for once a second, on rank 0.
///
///     io::LastingRun run({.directory = "model.ckpt"}, io::data_header(data), comm);
///     const FitResult result = run.fit(model, data.shard, {.relative_gain = 1e-9});
///     if (run.stopped()) return run.leave();
///     ... write the result ...
///     run.finish();
///
/// All methods are collective. Number 0 is written before the first update, then one each interval; those by
/// time never take more than 2 % of it.
class LastingRun final : public Run, private Observer {
 public:
  /// Opens the directory and finds what to go on from. Throws IoError where the directory cannot be used,
  /// CheckpointError where the checkpoints cannot, or must not, be gone on from.
  LastingRun(LastingOptions options, const Communicator& comm);
  /// The same, and begins.
  LastingRun(LastingOptions options, Document header, const Communicator& comm);
  /// A run that fails before its second checkpoint takes the first with it.
  ~LastingRun() override;

  /// The checkpoint that the run goes on from, or null.
  const Document* checkpoint() const { return checkpoint_ ? &*checkpoint_ : nullptr; }

  /// Goes on, or begins. `header` becomes part of every checkpoint. Throws CheckpointError where its arrays
  /// under "/fingerprint" are not those of the checkpoint. On another type of CPU, or with another build, it
  /// says that bits may differ, and goes on.
  void begin(Document header);

  using Run::fit;
  /// A run of one fit: from the parameters that the model has, or from where the checkpoint stands.
  template <Model M, ShardOf<typename M::Block> Shard>
  FitResult fit(M& model, const Shard& shard, const Stopping& stopping) {
    return fit({}, model, shard, comm_, stopping, [](M&) { return std::vector<Repair>{}; });
  }

  /// Why a run that was asked to stop has stopped: "by SIGTERM", "by the file STOP", "before the deadline",
  /// "on request".
  std::string stop_cause() const;
  /// Says what has stopped the run and what it will go on from. Returns the exit code for it, 75.
  int leave() const;

  /// After the result has been written: removes the checkpoints, unless they are to be kept.
  void finish();

  /// Wall time of the run: of this process and of those before it.
  double seconds() const { return earlier_seconds_ + watch_.seconds(); }
  /// How often it has gone on from a checkpoint.
  Index resumes() const { return resumes_; }
  /// Evaluations of this process; the first is of the parameters that it began or went on with.
  Index evaluations() const { return evaluations_; }
  /// Checkpoints that this process has written, their bytes, and the seconds that took.
  struct Cost {
    std::size_t checkpoints = 0;
    std::size_t bytes = 0;  // of the last
    double seconds = 0;
  };
  const Cost& cost() const { return cost_; }
  /// The last checkpoint, on rank 0.
  std::filesystem::path latest() const { return directory_ ? directory_->latest() : std::filesystem::path(); }

 private:
  void on_stage(const Stage& stage, const History& behind) override;
  void on_iteration(const Report& report) override;
  void on_interruption(const Report& report) override;
  void on_end(const History& all, const std::function<void(Document&)>& save) override;

  Votes wishes();
  bool breaks_off();
  void look_for_requests(double now);
  bool affords_checkpoint(double now) const;
  Snapshot snapshot_of(const Report& report) const;
  void fill_checkpoint(const Report& report, const Snapshot& snapshot, const Progress& evaluated,
                       Document& document) const;
  void write(const std::function<void(Document&)>& fill, bool essential);
  void require_room() const;
  void tell_cost(double seconds);
  void say(const std::string& sentence) const;

  LastingOptions options_;
  Communicator comm_;
  Stopwatch watch_;
  std::unique_ptr<CheckpointDirectory> directory_;  // on rank 0
  std::unique_ptr<Watchdog> watchdog_;
  std::optional<Document> checkpoint_;
  Document header_;
  double earlier_seconds_ = 0;
  Index resumes_ = 0;

  Stage stage_;
  const History* behind_ = nullptr;
  bool has_checkpoint_ = false;  // the run has one to go back to
  bool finished_ = false;
  Index evaluations_ = 0, iterations_since_ = 0;
  Index failures_ = 0;                                // to write a checkpoint, in a row
  bool stop_file_ = false, checkpoint_file_ = false;  // have been found
  double looked_at_ = -1e9, asked_at_ = std::numeric_limits<double>::infinity();
  double written_at_ = 0, evaluated_at_ = 0, longest_iteration_ = 0, dearest_checkpoint_ = 0;  // seconds
  Cost cost_;
};

}  // namespace jensen::io
