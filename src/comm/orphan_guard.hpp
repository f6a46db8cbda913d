#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace jensen {

/// Ends the process, as SIGKILL would, within a second of the end of the one that started it.
///
/// Open MPI tells a rank that its mpirun is gone, except while they make each other's acquaintance: a rank
/// whose mpirun is killed then would wait in MPI_Init for ever. For processes of a launcher only; a thread,
/// without which the process goes on where none can be had.
class OrphanGuard {
 public:
  OrphanGuard();
  ~OrphanGuard();
  OrphanGuard(const OrphanGuard&) = delete;
  OrphanGuard& operator=(const OrphanGuard&) = delete;

 private:
  void look_on();

  const pid_t parent_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace jensen
