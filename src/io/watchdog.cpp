#include "watchdog.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <system_error>

#include "jensen/core/pulse.hpp"
#include "jensen/core/signals_blocked.hpp"
#include "jensen/core/standard_error.hpp"

namespace jensen::io {
namespace {

const std::string kBegin = "rank-", kEnd = ".stalled";

std::string phase_at_hand() {
  switch (Pulse::phase.load()) {
    case Phase::block:
    case Phase::features:
    case Phase::products:
    case Phase::softmax:
    case Phase::sums:
    case Phase::local_step:
      return fmt::format("at the local step, block {} of {}", Pulse::block.load() + 1, Pulse::blocks.load());
    case Phase::reduction:
      return "at the reduction";
    case Phase::global_step:
      return "at the global step";
    case Phase::files:
      return "at the files: checkpoint, log or progress";
    case Phase::reading:
      return "reading the data";
    case Phase::start:
      return "finding first parameters";
    case Phase::other:
      break;
  }
  return "between two steps";
}

std::string what_goes_on() {
  return phase_at_hand() + (Pulse::waiting ? ", waiting for other ranks" : "");
}

std::string now_as_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::string host() {
  std::array<char, 256> name = {};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.3g} s", seconds);
  return seconds < 6000 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

/// "rank 2", "ranks 0, 1 and 3", "ranks 0, 1, 2, 3, 4, 5, 6, 7 and 92 more".
std::string list_of(const std::vector<int>& ranks) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(ranks.size(), kShown), hidden = ranks.size() - shown;
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == shown && hidden == 0;
    text += (i == 0 ? "" : last ? " and " : ", ") + std::to_string(ranks[i]);
  }
  return hidden > 0 ? text + fmt::format(" and {} more", hidden) : text;
}

/// The rank in "rank-12.stalled", if it is such a name.
std::optional<int> rank_of(const std::string& name) {
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return {};
  int rank = -1;
  const char *const begin = name.data() + kBegin.size(), *const end = name.data() + name.size() - kEnd.size();
  const auto [stop, error] = std::from_chars(begin, end, rank);
  return error == std::errc() && stop == end && rank >= 0 ? std::optional(rank) : std::nullopt;
}

/// Whole or not at all, for whoever reads it at the moment; not made durable.
bool put(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path temporary = file.string() + ".tmp";
  std::ofstream out(temporary);
  std::error_code error;
  if (!(out << text).flush()) {
    std::filesystem::remove(temporary, error);
    return false;
  }
  std::filesystem::rename(temporary, file, error);
  return !error;
}

void say_on_standard_error(const std::string& sentence) {
  print_error(fmt::format("{}jensen: {}\n", ::isatty(STDERR_FILENO) != 0 ? "\n" : "", sentence));
}

}  // namespace

Watchdog::Watchdog(Options options) : options_(std::move(options)), moved_(Clock::now()) {
  if (!options_.say) options_.say = &say_on_standard_error;
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] {
      try {
        look_on();
      } catch (const std::exception&) {  // without memory: the run itself will say so
      }
    });
  } catch (const std::system_error&) {
    // a run goes on without
  }
}

Watchdog::~Watchdog() {
  stop();
}

void Watchdog::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  thread_.join();
  std::error_code ignored;
  if (alarm_ != Alarm::none) std::filesystem::remove(status_file(options_.rank), ignored);
}

void Watchdog::iterated() {
  const Clock::time_point now = Clock::now();
  longest_ = std::max(longest_.load(), Seconds(now - moved_.exchange(now)).count());
}

void Watchdog::note(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  notes_[key] = value;
}

void Watchdog::end(const std::string& state) {
  if (!thread_.joinable()) return;
  stop();
  if (options_.rank == 0) beat(state);
}

std::filesystem::path Watchdog::heartbeat_in(const std::filesystem::path& directory) {
  return directory / "heartbeat";
}

bool Watchdog::is_left_over(const std::string& name) {
  return rank_of(name).has_value() || name == "heartbeat" || name == "heartbeat.tmp" ||
         (name.ends_with(".tmp") && rank_of(name.substr(0, name.size() - 4)));
}

std::filesystem::path Watchdog::status_file(int rank) const {
  return options_.directory / fmt::format("{}{}{}", kBegin, rank, kEnd);
}

void Watchdog::look_on() {
  const double limit = options_.limit_seconds;
  const Seconds tick(limit > 0 ? std::clamp(limit / 10, 0.05, 1.0) : 1.0);
  constexpr Seconds kBeat(5);
  for (std::unique_lock lock(mutex_); !ended_;) {
    lock.unlock();
    if (limit > 0) watch(Seconds(Clock::now() - moved_.load()).count());
    if (options_.rank == 0 && (beaten_ == Clock::time_point() || Clock::now() - beaten_ >= kBeat)) {
      beat(alarm_ == Alarm::none ? "running" : "stalled");
      beaten_ = Clock::now();
    }
    lock.lock();
    wake_.wait_for(lock, tick, [this] { return ended_; });
  }
}

void Watchdog::watch(double age) {
  if (age < std::max(options_.limit_seconds, 10 * longest_.load())) {
    if (alarm_ == Alarm::none) return;
    std::error_code ignored;
    std::filesystem::remove(status_file(options_.rank), ignored);
    if (spoke_) options_.say(fmt::format("the run goes on, after {}", duration(stalled_for_)));
    alarm_ = Alarm::none, spoke_ = false;
    return;
  }
  stalled_for_ = age;
  if (alarm_ == Alarm::none) {
    alarm_ = Alarm::raised, raised_ = Clock::now();
    if (!put(status_file(options_.rank), what_goes_on())) {
      options_.say(fmt::format("nothing has moved for {}: rank {} is {}", duration(age), options_.rank,
                               what_goes_on()));
      alarm_ = Alarm::reported, spoke_ = true;
    }
    return;
  }
  // time for the others' files to arrive, through a network as well
  const double patience = std::clamp(options_.limit_seconds / 10, 0.3, 30.0);
  if (alarm_ == Alarm::raised && Seconds(Clock::now() - raised_).count() >= patience) report(age);
}

void Watchdog::report(double age) {
  alarm_ = Alarm::reported;
  std::map<std::string, std::vector<int>> at;
  std::vector<bool> told(static_cast<std::size_t>(options_.ranks), false);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(options_.directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto rank = rank_of(entry->path().filename().string());
    if (!rank || *rank >= options_.ranks) continue;
    if (*rank < options_.rank) return;  // that one speaks
    std::string text;
    std::getline(std::ifstream(entry->path()), text);
    at[text].push_back(*rank);
    told[static_cast<std::size_t>(*rank)] = true;
  }
  std::string sentence = fmt::format("nothing has moved for {}", duration(age));
  std::vector<int> silent;
  for (int rank = 0; rank < options_.ranks; ++rank)
    if (!told[static_cast<std::size_t>(rank)]) silent.push_back(rank);
  const char* mark = ": ";
  if (!silent.empty()) {
    sentence += fmt::format("{}{} {} nothing (stopped, or the node is gone)", mark, list_of(silent),
                            silent.size() == 1 ? "says" : "say");
    mark = "; ";
  }
  for (auto& [text, ranks] : at) {
    std::sort(ranks.begin(), ranks.end());
    sentence += fmt::format("{}{} {} {}", mark, list_of(ranks), ranks.size() == 1 ? "is" : "are", text);
    mark = "; ";
  }
  options_.say(sentence);
  spoke_ = true;
}

void Watchdog::beat(const std::string& state) {
  std::string text = fmt::format("state: {}\nupdated: {}\nhost: {}\nprocess: {}\nranks: {}\n", state,
                                 now_as_text(), host(), ::getpid(), options_.ranks);
  const double age = Seconds(Clock::now() - moved_.load()).count();
  text += fmt::format("rank 0: {}\nlast move: {:.1f} s ago\n", what_goes_on(), age);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : notes_) text += fmt::format("{}: {}\n", key, value);
  }
  put(heartbeat_in(options_.directory), text);
}

}  // namespace jensen::io
