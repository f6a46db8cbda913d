#include "orphan_guard.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <system_error>

#include "jensen/core/signals_blocked.hpp"

namespace jensen {

OrphanGuard::OrphanGuard() : parent_(::getppid()) {
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { look_on(); });
  } catch (const std::system_error&) {
    // without
  }
}

OrphanGuard::~OrphanGuard() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void OrphanGuard::look_on() {
  for (std::unique_lock lock(mutex_); !ended_;) {
    if (::getppid() != parent_) ::kill(::getpid(), SIGKILL);
    wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return ended_; });
  }
}

}  // namespace jensen
