#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "jensen/core/pulse.hpp"

namespace jensen {

/// Seconds of one process by phase. At each moment exactly one phase goes on, so that they add up to the wall
/// time since construction.
///
/// `in_use` is null unless somebody wants to know, and then each `TimedPhase` costs one predictable branch.
/// Otherwise it reads the clock twice (50 ns): a phase should last microseconds, never be a record's.
class Profile {
 public:
  /// What the `TimedPhase`s of this process report to. Only to be set where a process is one rank.
  static inline Profile* in_use = nullptr;

  /// Ends the phase that goes on, and returns it.
  Phase change_to(Phase phase) {
    const auto now = Clock::now();
    spent_[static_cast<std::size_t>(phase_)] += now - since_;
    since_ = now;
    const Phase before = phase_;
    phase_ = phase;
    return before;
  }

  void count_iteration() { ++iterations_; }
  std::int64_t iterations() const { return iterations_; }

  /// Of the phases that have ended, in order of `Phase`.
  std::array<double, kPhases> seconds() const {
    std::array<double, kPhases> result;
    for (std::size_t i = 0; i < kPhases; ++i) result[i] = std::chrono::duration<double>(spent_[i]).count();
    return result;
  }

 private:
  using Clock = std::chrono::steady_clock;

  Phase phase_ = Phase::other;
  Clock::time_point since_ = Clock::now();
  std::array<Clock::duration, kPhases> spent_ = {};
  std::int64_t iterations_ = 0;
};

/// The time while it lives belongs to its phase, and not to the one around it.
///
///     TimedPhase timed(Phase::features);
///     ... features ...
///     timed.next(Phase::products);
///     ... products ...
class TimedPhase {
 public:
  explicit TimedPhase(Phase phase) : profile_(Profile::in_use), outer_(Pulse::phase) { next(phase); }
  ~TimedPhase() { next(outer_); }
  TimedPhase(const TimedPhase&) = delete;
  TimedPhase& operator=(const TimedPhase&) = delete;

  void next(Phase phase) {
    Pulse::phase.store(phase, std::memory_order_relaxed);
    if (profile_ != nullptr) [[unlikely]]
      profile_->change_to(phase);
  }

 private:
  Profile* profile_;
  Phase outer_;
};

/// What `work` returns; its time belongs to the phase as a whole, whatever phases it has of its own.
template <class Work>
auto time_whole(Phase phase, Work work) {
  struct Hidden {
    Profile* const profile = Profile::in_use;
    TimedPhase timed;
    explicit Hidden(Phase whole) : timed(whole) {
      if (profile != nullptr) Profile::in_use = nullptr;
    }
    ~Hidden() {
      if (profile != nullptr) Profile::in_use = profile;
    }
  };
  const Hidden hidden(phase);
  return work();
}

}  // namespace jensen
