// To be preloaded into a program.
//
// JENSEN_RECORD=FILE, JENSEN_RECORD_IN=DIRECTORY: what is done to files of the directory, an absolute path,
// one operation a line: "create A", "write A OFFSET HEX", "sync A", "rename A B", "remove A"; the directory
// itself is "." and the names are relative to it. JENSEN_CLOCK_JUMP=SECONDS: the clock of the day jumps to
// and fro by so much, from one reading to the next.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

namespace {

template <class Function>
Function* systems(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Name in the directory that is recorded, "." for itself; empty for other files.
std::string name_of(const std::string& path) {
  const char* const directory = std::getenv("JENSEN_RECORD_IN");
  if (directory == nullptr) return {};
  if (path == directory) return ".";
  const std::string begin = std::string(directory) + "/";
  return path.starts_with(begin) ? path.substr(begin.size()) : std::string();
}

std::string name_of(int descriptor) {
  std::error_code ignored;
  return name_of(
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored).string());
}

void record(const std::string& line) {
  static auto* const next = systems<ssize_t(int, const void*, std::size_t)>("write");
  static const int file =
      ::open(std::getenv("JENSEN_RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const std::string whole = line + "\n";
  if (next(file, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::abort();
}

std::string in_hexadecimal(const void* bytes, ssize_t count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (ssize_t i = 0; i < count; ++i) {
    const unsigned byte = static_cast<const unsigned char*>(bytes)[i];
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

int opened(int (*next)(const char*, int, ...), const char* path, int flags, mode_t mode) {
  const int file = next(path, flags, mode);
  const std::string name = name_of(path);
  if (file >= 0 && !name.empty() && (flags & O_CREAT) != 0) record("create " + name);
  return file;
}

int removed(const char* path, int (*next)(const char*)) {
  const std::string name = name_of(path);
  const int result = next(path);
  if (result == 0 && !name.empty()) record("remove " + name);
  return result;
}

time_t jump() {
  static const long size = std::getenv("JENSEN_CLOCK_JUMP") ? std::atol(std::getenv("JENSEN_CLOCK_JUMP")) : 0;
  static int readings = 0;
  return ++readings % 2 == 0 ? size : -size;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const next = systems<int(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(next, path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  static auto* const next = systems<ssize_t(int, const void*, std::size_t)>("write");
  const std::string name = name_of(descriptor);
  const off_t offset = name.empty() ? 0 : ::lseek(descriptor, 0, SEEK_CUR);
  const ssize_t written = next(descriptor, bytes, count);
  if (written > 0 && !name.empty()) {
    record("write " + name + " " + std::to_string(offset) + " " + in_hexadecimal(bytes, written));
  }
  return written;
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
  static auto* const next = systems<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  const std::string name = name_of(descriptor);
  const ssize_t written = next(descriptor, bytes, count, offset);
  if (written > 0 && !name.empty()) {
    record("write " + name + " " + std::to_string(offset) + " " + in_hexadecimal(bytes, written));
  }
  return written;
}

int fsync(int descriptor) {
  static auto* const next = systems<int(int)>("fsync");
  const std::string name = name_of(descriptor);
  const int result = next(descriptor);
  if (result == 0 && !name.empty()) record("sync " + name);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  static auto* const next = systems<int(const char*, const char*)>("rename");
  const std::string before = name_of(from), after = name_of(to);
  const int result = next(from, to);
  if (result == 0 && !after.empty()) record("rename " + before + " " + after);
  return result;
}

int unlink(const char* path) noexcept {
  return removed(path, systems<int(const char*)>("unlink"));
}

int remove(const char* path) noexcept {
  return removed(path, systems<int(const char*)>("remove"));
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static auto* const next = systems<int(clockid_t, timespec*)>("clock_gettime");
  const int result = next(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += jump();
  return result;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  static auto* const next = systems<int(timeval*, void*)>("gettimeofday");
  const int result = next(now, zone);
  if (result == 0) now->tv_sec += jump();
  return result;
}

time_t time(time_t* into) noexcept {
  static auto* const next = systems<time_t(time_t*)>("time");
  const time_t now = next(nullptr) + jump();
  if (into != nullptr) *into = now;
  return now;
}
}
