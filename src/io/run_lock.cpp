#include "run_lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace jensen::io {
namespace {

/// "process 4711 on node07 since 2026-01-31 09:00:00, SLURM job 12".
std::string describe_this_process() {
  std::array<char, 256> host = {};
  ::gethostname(host.data(), host.size() - 1);
  const char* const job = std::getenv("SLURM_JOB_ID");
  return fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S}{}", ::getpid(), host.data(),
                     fmt::localtime(std::time(nullptr)),
                     job == nullptr ? "" : fmt::format(", SLURM job {}", job));
}

std::string read_text(int file) {
  std::array<char, 512> text = {};
  const ssize_t count = ::pread(file, text.data(), text.size() - 1, 0);
  return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "a process of unknown name";
}

/// Whether the path still names the open file: its last holder may have removed it, and its directory.
bool names(const std::filesystem::path& path, int file) {
  struct stat by_path = {}, by_file = {};
  return ::stat(path.c_str(), &by_path) == 0 && ::fstat(file, &by_file) == 0 &&
         by_path.st_ino == by_file.st_ino && by_path.st_dev == by_file.st_dev;
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& directory, const std::function<void(const std::string&)>& note)
    : path_(directory / "lock") {
  for (int attempts_left = 100;; --attempts_left) {
    file_.emplace(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file_->valid() && errno == ENOENT && attempts_left > 0) {
      std::error_code ignored;
      std::filesystem::create_directory(directory, ignored);
      continue;
    }
    if (!file_->valid()) throw system_error("write", path_);
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(file_->number(), F_OFD_SETLK, &whole) != 0) {
      if (errno == EAGAIN || errno == EACCES) {
        throw IoError(
            fmt::format("another run is using the checkpoint directory '{}' ({}); wait for its end, or name "
                        "another directory with --checkpoint",
                        directory.string(), read_text(file_->number())));
      }
      note(fmt::format("the file system of '{}' has no locks: see to it that no other run uses the directory",
                       directory.string()));
      return;
    }
    if (names(path_, file_->number())) break;
  }
  const std::string text = describe_this_process();
  const bool written =
      ::ftruncate(file_->number(), 0) == 0 &&
      ::pwrite(file_->number(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) throw system_error("write", path_);
}

void RunLock::remove() {
  ::unlink(path_.c_str());
  file_.reset();  // NFS keeps the name of a file that is open
}

}  // namespace jensen::io
