#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <thread>

#include "jensen/core/error.hpp"
#include "jensen/core/fail_point.hpp"
#include "jensen/io/checkpoint_directory.hpp"
#include "jensen/io/model_file.hpp"

// The checkpoint protocol without MPI: writers that are killed, files that are damaged, disks that are full.
// Prints one line of JSON; campaign.py runs it.
//
//     protocol kills DIRECTORY TRIALS SEED
//     protocol full CHECKPOINT DIRECTORY STEP
//     protocol damage CHECKPOINT FILE BITS SEED
//     protocol newest                              for each directory on standard input its newest checkpoint

using namespace jensen;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr const char* kGroup = "/campaign";
constexpr int kGenerations = 4;  // checkpoints that a writer writes, if it lives
constexpr int kTrialsOfADirectory = 25;

const std::array kProtocol = {"lock",      "create", "open",    "write-begin",    "write-middle",
                              "write-end", "close",  "sync",    "read-back",      "checkpoint",
                              "image",     "rename", "renamed", "sync-directory", "synced",
                              "prune",     "pruned"};
const std::array kCalls = {"create", "open", "write-begin", "write-middle", "write-end",
                           "close",  "sync", "read-back",   "rename",       "sync-directory"};

void ignore(const std::string&) {}

/// Checkpoints are told apart by a mark, which fills them.
Document marked(std::int64_t mark) {
  Document document;
  document.set("/campaign/content", Vector(Vector::Constant(2000, static_cast<double>(mark))));
  document.set_attribute(kGroup, "mark", mark);
  return document;
}

std::int64_t mark_of(const Document& document) {
  const std::int64_t mark = document.integer_attribute(kGroup, "mark");
  const Vector content = document.vector("/campaign/content");
  if ((content.array() != static_cast<double>(mark)).any())
    throw std::runtime_error("content of another mark");
  return mark;
}

/// What a writer and its killer share.
struct Shared {
  std::atomic<std::int64_t> acknowledged;  // mark of the last checkpoint that was written
  std::atomic<std::int64_t> begun;         // and of the last that may have been
  std::atomic<std::int64_t> failures;      // that were reported to the writer
};

/// In a process of its own: goes on from what is there and writes some more.
[[noreturn]] void write_checkpoints(const fs::path& directory, const std::string& plan, Shared& shared) {
  try {
    plan_failures(plan);
    io::CheckpointDirectory checkpoints(directory, ignore);
    const auto newest = checkpoints.newest();
    std::int64_t mark = newest ? mark_of(*newest) : 0;
    for (int i = 0; i < kGenerations; ++i) {
      const Document document = marked(++mark);
      shared.begun = mark;
      try {
        checkpoints.write(document);
        shared.acknowledged = mark;
      } catch (const IoError&) {
        ++shared.failures;
      }
    }
    std::_Exit(0);  // as at a kill: nothing is tidied up
  } catch (const IoError&) {
    ++shared.failures;
    std::_Exit(static_cast<int>(ExitCode::io_failure));
  }
}

struct Kills {
  std::int64_t trials = 0, aimed = 0, killed = 0, failed_calls = 0, left_over = 0, lost = 0, most_lost = 0;
  std::vector<std::string> unrecoverable = {};
};

/// One writer, killed or failed on; then the directory must be as good as what had been acknowledged.
class Killer {
 public:
  Killer(fs::path directory, std::uint64_t seed)
      : directory_(std::move(directory)),
        random_(seed),
        shared_(static_cast<Shared*>(
            ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}

  void trial() {
    if (found_.trials % kTrialsOfADirectory == 0) begin_anew();
    ++found_.trials;
    const bool aimed = draw(0, 1) == 0, fails = draw(0, 9) == 0;
    const std::string pass = std::to_string(draw(1, kGenerations + 1));
    std::string plan;
    if (fails) {
      static constexpr std::array kErrors = {"enospc", "eio"};
      plan = fmt::format("0:{}:{}:{}", kCalls[index(kCalls.size())], pass, kErrors[index(kErrors.size())]);
    } else if (aimed) {
      plan = fmt::format("0:{}:{}:kill", kProtocol[index(kProtocol.size())], pass);
      ++found_.aimed;
    }
    shared_->acknowledged = shared_->begun = shared_->failures = 0;
    const auto begin = Clock::now();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no process could be made");
    if (child == 0) write_checkpoints(directory_, plan, *shared_);
    if (plan.empty()) {
      std::uniform_real_distribution<double> instant(0, usual_seconds_);
      std::this_thread::sleep_for(std::chrono::duration<double>(instant(random_)));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) {
      if (!plan.empty()) usual_seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
    } else if (WTERMSIG(status) == SIGKILL) {
      ++found_.killed;
    } else {
      fail(plan, fmt::format("the writer died of signal {}", WTERMSIG(status)));
    }
    found_.failed_calls += shared_->failures;
    inspect(plan);
  }

  const Kills& found() const { return found_; }

 private:
  std::int64_t draw(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  std::size_t index(std::size_t count) {
    return static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(count) - 1));
  }

  void begin_anew() {
    fs::remove_all(directory_);
    known_ = 0;
  }

  void fail(const std::string& plan, const std::string& why) {
    found_.unrecoverable.push_back(
        fmt::format("trial {} ({}): {}", found_.trials, plan.empty() ? "a random instant" : plan, why));
    begin_anew();
  }

  void inspect(const std::string& plan) {
    const std::int64_t due = std::max(shared_->acknowledged.load(), known_);
    std::int64_t mark = 0;
    if (fs::is_directory(directory_)) {
      for (const auto& entry : fs::directory_iterator(directory_))
        if (entry.path().extension() == ".tmp") ++found_.left_over;
      bool passed_over = false;
      try {
        io::CheckpointDirectory checkpoints(directory_, [&](const std::string&) { passed_over = true; });
        if (const auto newest = checkpoints.newest()) mark = mark_of(*newest);
      } catch (const Error& error) {
        return fail(plan, error.what());
      }
      if (passed_over) return fail(plan, "a file of a checkpoint's name is no whole checkpoint");
    }
    if (mark < due) return fail(plan, fmt::format("checkpoint {} was acknowledged, {} is found", due, mark));
    const std::int64_t lost = std::max<std::int64_t>(shared_->begun - mark - shared_->failures, 0);
    found_.lost += lost;
    found_.most_lost = std::max(found_.most_lost, lost);
    known_ = mark;
  }

  fs::path directory_;
  std::mt19937_64 random_;
  Shared* shared_;
  double usual_seconds_ = 0.05;  // of a writer that lives
  std::int64_t known_ = 0;       // mark of the newest checkpoint that was seen
  Kills found_;
};

std::string quoted(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += list.empty() ? "\"" : ", \"";
    for (const char c : text) list += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    list += '"';
  }
  return "[" + list + "]";
}

void kills(const fs::path& directory, std::int64_t trials, std::uint64_t seed) {
  Killer killer(directory, seed);
  for (std::int64_t i = 0; i < trials; ++i) killer.trial();
  const Kills& found = killer.found();
  fmt::print(
      "{{\"trials\": {}, \"killed\": {}, \"aimed\": {}, \"failed calls\": {}, \"left over\": {}, \"lost\": "
      "{}, "
      "\"most lost\": {}, \"unrecoverable\": {}}}\n",
      found.trials, found.killed, found.aimed, found.failed_calls, found.left_over, found.lost,
      found.most_lost, quoted(found.unrecoverable));
}

/// Room for every number of bytes from none to 1.2 checkpoints: a file is whole, or it is not there.
void full(const fs::path& checkpoint, const fs::path& directory, std::size_t step) {
  std::signal(SIGXFSZ, SIG_IGN);
  const Document document = io::read_model_file(checkpoint);
  fs::remove_all(directory);
  io::CheckpointDirectory checkpoints(directory, ignore);
  const std::size_t size = checkpoints.write(document);
  std::int64_t sizes = 0, refused = 0, written = 0;
  std::vector<std::string> wrong;
  rlimit unlimited = {};
  ::getrlimit(RLIMIT_FSIZE, &unlimited);
  for (std::size_t room = 0; room <= size + size / 5; room += step) {
    ++sizes;
    const fs::path before = checkpoints.latest();
    const rlimit limit = {room, unlimited.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool fitted = true;
    try {
      checkpoints.write(document);
    } catch (const IoError&) {
      fitted = false;
    }
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    ++(fitted ? written : refused);
    if (fitted != (room >= size)) wrong.push_back(fmt::format("{} bytes of room: written {}", room, fitted));
    for (const auto& entry : fs::directory_iterator(directory)) {
      const fs::path file = entry.path();
      if (file.extension() == ".tmp") wrong.push_back(fmt::format("{} bytes: {}", room, file.string()));
      if (file.extension() != ".h5") continue;
      for (const io::FileCheck& check : io::check_model_file(file))
        if (!check.fault.empty()) wrong.push_back(check.fault);
    }
    if (!fs::exists(before)) wrong.push_back(fmt::format("{} bytes: '{}' went", room, before.string()));
  }
  fmt::print("{{\"sizes\": {}, \"refused\": {}, \"written\": {}, \"wrong\": {}}}\n", sizes, refused, written,
             quoted(wrong));
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether the file is refused before anything of its content is interpreted.
bool is_refused(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  for (const io::FileCheck& check : io::check_model_file(file))
    if (!check.fault.empty()) return true;
  return false;
}

void damage(const fs::path& checkpoint, const fs::path& file, std::int64_t bits, std::uint64_t seed) {
  const std::string whole = content_of(checkpoint);
  if (is_refused(file, whole)) throw std::runtime_error("the checkpoint itself is refused");
  std::vector<std::string> silent;
  std::string changed = whole;
  const auto flip = [&](std::size_t bit) {
    const auto with = static_cast<char>(1 << (bit % 8));
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ with);
    if (!is_refused(file, changed)) silent.push_back(fmt::format("bit {}", bit));
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ with);
  };
  constexpr std::size_t kHeaderBits = 512 * 8;
  for (std::size_t bit = 0; bit < kHeaderBits; ++bit) flip(bit);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> any(kHeaderBits, whole.size() * 8 - 1);
  for (std::int64_t i = 0; i < bits; ++i) flip(any(random));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (!is_refused(file, whole.substr(0, length))) silent.push_back(fmt::format("length {}", length));
  }
  std::int64_t tails = 0;
  for (std::size_t from = 0; from < whole.size(); from += 512) {
    if (whole.find_first_not_of('\0', from) == std::string::npos) break;  // zeros already
    ++tails;
    std::string zeros = whole.substr(0, from);
    zeros.resize(whole.size());
    if (!is_refused(file, zeros)) silent.push_back(fmt::format("zeros from {} on", from));
  }
  fmt::print(
      "{{\"bytes\": {}, \"header bits\": {}, \"random bits\": {}, \"lengths\": {}, \"zero tails\": {}, "
      "\"silent\": {}}}\n",
      whole.size(), kHeaderBits, bits, whole.size(), tails, quoted(silent));
}

void newest() {
  for (std::string directory; std::getline(std::cin, directory);) {
    try {
      io::CheckpointDirectory checkpoints(directory, ignore);
      const auto found = checkpoints.newest();
      fmt::print("{}\n", found ? checkpoints.latest().filename().string() : "none");
    } catch (const Error& error) {
      fmt::print("error: {}\n", error.what());
    }
    std::fflush(stdout);
  }
}

int usage() {
  fmt::print(stderr, "usage: protocol kills|full|damage|newest ARGUMENT...; see protocol.cpp\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto is = [&](const char* command, std::size_t count) {
    return arguments.size() == count + 1 && arguments[0] == command;
  };
  if (is("kills", 3)) {
    kills(arguments[1], std::stoll(arguments[2]), std::stoull(arguments[3]));
  } else if (is("full", 3)) {
    full(arguments[1], arguments[2], std::stoull(arguments[3]));
  } else if (is("damage", 4)) {
    damage(arguments[1], arguments[2], std::stoll(arguments[3]), std::stoull(arguments[4]));
  } else if (is("newest", 0)) {
    newest();
  } else {
    return usage();
  }
  return 0;
}
