#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jensen::io {

/// A thread beside a run which tells users how it stands, and says which rank hangs, and at what.
///
/// Rank 0 keeps the file "heartbeat" in the run's directory. Where nothing has moved on any rank for the
/// limit, or ten times the longest time that an iteration has taken, each rank that still lives puts what it
/// is at into the file "rank-<r>.stalled" there, and the lowest of them says on standard error what these
/// files say, and which ranks say nothing: those are stopped, or gone. Once the run moves again it says that.
/// The thread makes no MPI calls, and ends no run: a file system may come back after minutes. Where there can
/// be no thread the run goes on without.
class Watchdog {
 public:
  using Seconds = std::chrono::duration<double>;

  struct Options {
    std::filesystem::path directory;  // exists on all ranks, or the ranks speak for themselves
    double limit_seconds = 600;       // 0: no watching
    int rank = 0;
    int ranks = 1;
    std::function<void(const std::string&)> say = {};  // from the thread; by default to standard error
  };

  explicit Watchdog(Options options);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The run has moved on.
  void moved() { moved_ = Clock::now(); }
  /// It has by an iteration, whose length tells how long the next may take.
  void iterated();
  /// What the heartbeat is to say beside what the thread sees: "iteration" -> "17".
  void note(const std::string& key, const std::string& value);
  /// Looks on no more, and writes the last heartbeat: "stopped", "finished", "failed".
  void end(const std::string& state);

  static std::filesystem::path heartbeat_in(const std::filesystem::path& directory);
  /// Whether a watchdog leaves such a file if it is killed.
  static bool is_left_over(const std::string& name);

 private:
  using Clock = std::chrono::steady_clock;

  void stop();
  void look_on();
  void watch(double age);
  void report(double age);
  void beat(const std::string& state);
  std::filesystem::path status_file(int rank) const;

  Options options_;
  std::mutex mutex_;  // of all below that is not atomic
  std::condition_variable wake_;
  bool ended_ = false;
  std::map<std::string, std::string> notes_;
  std::atomic<Clock::time_point> moved_;
  std::atomic<double> longest_ = 0;  // iteration, seconds
  // the thread's own
  enum class Alarm { none, raised, reported } alarm_ = Alarm::none;
  Clock::time_point raised_, beaten_;
  double stalled_for_ = 0;
  bool spoke_ = false;
  std::thread thread_;
};

}  // namespace jensen::io
