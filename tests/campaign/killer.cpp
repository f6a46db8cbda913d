#include "killer.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "jensen/core/error.hpp"
#include "jensen/core/fail_point.hpp"
#include "jensen/io/checkpoint_directory.hpp"

namespace jensen::campaign {
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
    throw InputError("a checkpoint has the content of another one");
  return mark;
}

}  // namespace

/// What a writer and its killer share.
struct Killer::Shared {
  std::atomic<std::int64_t> acknowledged;  // mark of the last checkpoint that was written
  std::atomic<std::int64_t> begun;         // and of the last that may have been
  std::atomic<std::int64_t> failures;      // that were reported to the writer
};

Killer::Killer(std::filesystem::path directory, std::uint64_t seed)
    : directory_(std::move(directory)),
      random_(seed),
      shared_(static_cast<Shared*>(
          ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}

void Killer::trial() {
  if (found_.trials % kTrialsOfADirectory == 0) begin_anew();
  ++found_.trials;
  const std::string plan = draw_plan();
  shared_->acknowledged = shared_->begun = shared_->failures = 0;
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process could be made");
  if (child == 0) write_checkpoints(plan);
  if (plan.empty()) {
    std::uniform_real_distribution<double> instant(0, usual_seconds_);
    std::this_thread::sleep_for(std::chrono::duration<double>(instant(random_)));
    ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status)) {
    if (!plan.empty())
      usual_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  } else if (WTERMSIG(status) == SIGKILL) {
    ++found_.killed;
  } else {
    return fail(plan, fmt::format("the writer died of signal {}", WTERMSIG(status)));
  }
  found_.failed_calls += shared_->failures;
  inspect(plan);
}

/// Half of the trials are aimed, and one in ten has a call that fails.
std::string Killer::draw_plan() {
  static constexpr std::array kErrors = {"enospc", "eio"};
  const bool aimed = draw(0, 1) == 0, fails = draw(0, 9) == 0;
  const std::int64_t pass = draw(1, kGenerations + 1);
  if (fails)
    return fmt::format("0:{}:{}:{}", kCalls[index(kCalls.size())], pass, kErrors[index(kErrors.size())]);
  if (!aimed) return "";
  ++found_.aimed;
  return fmt::format("0:{}:{}:kill", kProtocol[index(kProtocol.size())], pass);
}

std::int64_t Killer::draw(std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
}
std::size_t Killer::index(std::size_t count) {
  return static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(count) - 1));
}

/// In a process of its own: goes on from what is there and writes some more.
void Killer::write_checkpoints(const std::string& plan) {
  try {
    plan_failures(plan);
    io::CheckpointDirectory checkpoints(directory_, [](const std::string&) {});
    const auto newest = checkpoints.newest();
    std::int64_t mark = newest ? mark_of(*newest) : 0;
    for (int i = 0; i < kGenerations; ++i) {
      const Document document = marked(++mark);
      shared_->begun = mark;
      try {
        checkpoints.write(document);
        shared_->acknowledged = mark;
      } catch (const IoError&) {
        ++shared_->failures;
      }
    }
    std::_Exit(0);  // as at a kill: nothing is tidied up
  } catch (const IoError&) {
    ++shared_->failures;
    std::_Exit(static_cast<int>(ExitCode::io_failure));
  }
}

void Killer::begin_anew() {
  std::filesystem::remove_all(directory_);
  known_ = 0;
}

void Killer::fail(const std::string& plan, const std::string& why) {
  found_.unrecoverable.push_back(
      fmt::format("trial {} ({}): {}", found_.trials, plan.empty() ? "a random instant" : plan, why));
  begin_anew();
}

void Killer::inspect(const std::string& plan) {
  const std::int64_t due = std::max(shared_->acknowledged.load(), known_);
  std::int64_t mark = 0;
  if (std::filesystem::is_directory(directory_)) {
    for (const auto& entry : std::filesystem::directory_iterator(directory_))
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

}  // namespace jensen::campaign
