#pragma once

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/record.hpp"
#include "jensen/io/checkpoint_directory.hpp"
#include "support/ending.hpp"
#include "support/temp_dir.hpp"

namespace test {

using namespace jensen;
using io::CheckpointDirectory;

inline Document document_of(double value) {
  Document document;
  record_format(document);
  document.set("/state/theta", Vector(Vector::Constant(100, value)));
  return document;
}

inline double value_in(const Document& document) {
  return document.vector("/state/theta")[0];
}

/// A directory of checkpoints, and what it had to say.
struct Opened {
  explicit Opened(const std::filesystem::path& path)
      : directory(path, [this](const std::string& text) { notes.push_back(text); }) {}

  std::vector<std::string> notes = {};
  CheckpointDirectory directory;
};

inline Ending ending_of_opening(const std::filesystem::path& path) {
  return ending_of([&] { Opened opened(path); });
}

/// Writes checkpoints of the values 0, 1 ... count - 1.
inline void fill(const std::filesystem::path& path, int count) {
  Opened opened(path);
  for (int i = 0; i < count; ++i) opened.directory.write(document_of(i));
}

/// The numbers of the checkpoints that are there.
inline std::set<std::string> files_in(const std::filesystem::path& path) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().filename() != "lock") names.insert(entry.path().filename().string());
  }
  return names;
}

using Names = std::set<std::string>;

/// A child process that does something and then waits; killed like a process that runs out of memory.
class Child {
 public:
  enum class Talk { now, later };

  template <class Work>
  explicit Child(Work work, Talk talk = Talk::now) {
    std::array<int, 2> ends = {};
    REQUIRE(::pipe(ends.data()) == 0);
    number_ = ::fork();
    if (number_ == 0) {
      const char answer = work() ? 'y' : 'n';
      const bool told = ::write(ends[1], &answer, 1) == 1;
      for (;;) ::pause();
      std::_Exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    answers_ = ends[0];
    if (talk == Talk::now) hear();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill();
    ::close(answers_);
  }

  /// Waits for the work's answer.
  bool hear() {
    char answer = 0;
    const bool heard = ::read(answers_, &answer, 1) == 1;
    return done = heard && answer == 'y';
  }

  /// Whether it died of SIGKILL.
  bool kill() {
    if (number_ <= 0) return false;
    int status = 0;
    ::kill(number_, SIGKILL);
    const bool waited = ::waitpid(number_, &status, 0) == number_;
    number_ = 0;
    return waited && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  bool done = false;

 private:
  pid_t number_ = 0;
  int answers_ = -1;
};

}  // namespace test
