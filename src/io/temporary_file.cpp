#include "temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "jensen/core/fail_point.hpp"

namespace jensen::io {

Descriptor::~Descriptor() {
  close();
}

bool Descriptor::close() {
  return !valid() || ::close(std::exchange(number_, -1)) == 0;
}

IoError system_error(const std::string& what, const std::filesystem::path& file) {
  return IoError(fmt::format("cannot {} '{}' ({})", what, file.string(), std::strerror(errno)));
}

std::filesystem::path TemporaryFile::directory() const {
  return target_.has_parent_path() ? target_.parent_path() : ".";
}

TemporaryFile::TemporaryFile(std::filesystem::path target) : target_(std::move(target)) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory(), ignored)) {
    throw IoError(fmt::format("cannot write '{0}' (no directory '{1}'); create it: mkdir -p '{1}'",
                              target_.string(), directory().string()));
  }
  if (std::filesystem::is_directory(target_, ignored)) {
    throw IoError(fmt::format("cannot write '{}' (it is a directory); name a file in it", target_.string()));
  }
  constexpr int kAttempts = 100;  // names may be taken by what a killed process of this number left
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    path_ = target_;
    path_ += fmt::format(".{}-{}.tmp", ::getpid(), attempt);
    const Descriptor created(
        JENSEN_FAIL_CALL("create", ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)));
    if (created.valid()) return;
    if (errno != EEXIST) break;
  }
  throw IoError(
      fmt::format("cannot write '{}' ({}); check the permissions of its directory, or name another output",
                  target_.string(), std::strerror(errno)));
}

TemporaryFile::~TemporaryFile() {
  if (!published_) ::unlink(path_.c_str());
}

void TemporaryFile::sync() const {
  Descriptor file(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid()) throw system_error("open", path_);
  if (JENSEN_FAIL_CALL("sync", ::fsync(file.number())) != 0) throw system_error("force to disk", path_);
  ::posix_fadvise(file.number(), 0, 0, POSIX_FADV_DONTNEED);
  if (!file.close()) throw system_error("close", path_);
}

void TemporaryFile::publish() {
  if (JENSEN_FAIL_CALL("rename", ::rename(path_.c_str(), target_.c_str())) != 0) {
    throw system_error(fmt::format("rename '{}' to", path_.string()), target_);
  }
  published_ = true;
  JENSEN_FAIL_POINT("renamed");
  sync_directory();
}

void TemporaryFile::rename_aside() {
  std::filesystem::path aside = path_;
  aside.replace_extension(".aside.tmp");
  if (::rename(path_.c_str(), aside.c_str()) != 0) throw system_error("rename", path_);
  path_ = aside;
  sync_directory();
}

void TemporaryFile::sync_directory() const {
  Descriptor folder(::open(directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) throw system_error("open", directory());
  // Some network file systems have no fsync of directories and say EINVAL.
  if (JENSEN_FAIL_CALL("sync-directory", ::fsync(folder.number())) != 0 && errno != EINVAL)
    throw system_error("force to disk", directory());
}

}  // namespace jensen::io
