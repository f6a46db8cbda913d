#pragma once

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace test {

/// Stands between this program and the system while it lives: keeps what is asked of the files in one
/// directory, and fails or disturbs it as told. Libraries of the program, such as HDF5, are watched too.
///
/// This header defines write, pwrite, read, pread, fsync and rename: one file of a program may include it.
class WatchedDisk {
 public:
  /// Error numbers of calls that fail, always, by what `calls` says of them.
  using Errors = std::map<std::string, int>;
  struct Disturbance {
    std::size_t most_bytes = std::numeric_limits<std::size_t>::max();  // of a write
    bool interrupts_writes = false;                                    // every other one
    std::size_t altered_bytes = 0;  // writes of so many bytes or more get one bit wrong; 0: none
  };

  explicit WatchedDisk(const std::filesystem::path& directory)
      : directory_(std::filesystem::canonical(directory)) {
    current() = this;
  }
  WatchedDisk(const std::filesystem::path& directory, Errors errors) : WatchedDisk(directory) {
    errors_ = std::move(errors);
  }
  WatchedDisk(const std::filesystem::path& directory, const Disturbance& disturbance)
      : WatchedDisk(directory) {
    disturbance_ = disturbance;
  }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;
  ~WatchedDisk() { current() = nullptr; }

  /// What was asked, in order: "write temporary", "sync temporary", "read temporary", "rename temporary to
  /// out", "sync directory". A temporary file is one whose name ends in .tmp.
  const std::vector<std::string>& calls() const { return calls_; }
  /// The calls from the last write on, repetitions once.
  std::vector<std::string> ending() const {
    const auto last = std::find_if(calls_.rbegin(), calls_.rend(),
                                   [](const std::string& call) { return call.starts_with("write"); });
    std::vector<std::string> end(last == calls_.rend() ? calls_.begin() : last.base() - 1, calls_.end());
    end.erase(std::unique(end.begin(), end.end()), end.end());
    return end;
  }
  std::ptrdiff_t count(const std::string& call) const {
    return std::count(calls_.begin(), calls_.end(), call);
  }

  static WatchedDisk*& current() {
    static WatchedDisk* disk = nullptr;
    return disk;
  }

  /// Keeps the call; false, with errno set, where it is to fail.
  bool admits(const char* verb, int descriptor) {
    const std::string name = name_of(path_of(descriptor));
    return name.empty() || admits(fmt::format("{} {}", verb, name));
  }
  bool admits_rename(const char* from, const char* to) {
    const std::string name = name_of(from);
    return name.empty() || admits(fmt::format("rename {} to {}", name, name_of(to)));
  }
  bool watches(int descriptor) const { return !name_of(path_of(descriptor)).empty(); }
  bool interrupts() { return disturbance_.interrupts_writes && ++writes_ % 2 == 1; }
  std::size_t admitted(std::size_t bytes) const { return std::min(bytes, disturbance_.most_bytes); }
  bool alters(std::size_t bytes) const {
    return disturbance_.altered_bytes > 0 && bytes >= disturbance_.altered_bytes;
  }

 private:
  static std::filesystem::path path_of(int descriptor) {
    std::error_code ignored;
    return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", descriptor), ignored);
  }
  std::string name_of(const std::filesystem::path& path) const {
    if (path == directory_) return "directory";
    if (path.parent_path() != directory_) return {};
    return path.extension() == ".tmp" ? "temporary" : path.filename().string();
  }
  bool admits(const std::string& call) {
    calls_.push_back(call);
    const auto error = errors_.find(call);
    if (error != errors_.end()) errno = error->second;
    return error == errors_.end();
  }

  std::filesystem::path directory_;
  Errors errors_;
  Disturbance disturbance_;
  std::vector<std::string> calls_;
  std::size_t writes_ = 0;
};

/// The system's own function.
template <class Function>
Function* systems(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Writes by `next(bytes, count)`, or not, as the disk is told.
template <class Next>
ssize_t watched_write(int descriptor, const void* bytes, std::size_t count, Next next) {
  WatchedDisk* const disk = WatchedDisk::current();
  if (disk == nullptr || !disk->watches(descriptor)) return next(bytes, count);
  if (disk->interrupts()) {
    errno = EINTR;
    return -1;
  }
  if (!disk->admits("write", descriptor)) return -1;
  const auto* first = static_cast<const char*>(bytes);
  std::vector<char> taken(first, first + disk->admitted(count));
  if (disk->alters(taken.size())) taken[taken.size() / 2] = static_cast<char>(taken[taken.size() / 2] ^ 4);
  return next(taken.data(), taken.size());
}

inline bool watched(const char* verb, int descriptor) {
  WatchedDisk* const disk = WatchedDisk::current();
  return disk == nullptr || disk->admits(verb, descriptor);
}

}  // namespace test

extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  static auto* const next = test::systems<ssize_t(int, const void*, std::size_t)>("write");
  return test::watched_write(descriptor, bytes, count,
                             [&](const void* b, std::size_t n) { return next(descriptor, b, n); });
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
  static auto* const next = test::systems<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  return test::watched_write(descriptor, bytes, count,
                             [&](const void* b, std::size_t n) { return next(descriptor, b, n, offset); });
}

ssize_t read(int descriptor, void* bytes, std::size_t count) {
  static auto* const next = test::systems<ssize_t(int, void*, std::size_t)>("read");
  return test::watched("read", descriptor) ? next(descriptor, bytes, count) : -1;
}

ssize_t pread(int descriptor, void* bytes, std::size_t count, off_t offset) {
  static auto* const next = test::systems<ssize_t(int, void*, std::size_t, off_t)>("pread");
  return test::watched("read", descriptor) ? next(descriptor, bytes, count, offset) : -1;
}

int fsync(int descriptor) {
  static auto* const next = test::systems<int(int)>("fsync");
  return test::watched("sync", descriptor) ? next(descriptor) : -1;
}

int rename(const char* from, const char* to) noexcept {
  static auto* const next = test::systems<int(const char*, const char*)>("rename");
  test::WatchedDisk* const disk = test::WatchedDisk::current();
  return disk == nullptr || disk->admits_rename(from, to) ? next(from, to) : -1;
}

}  // extern "C"
