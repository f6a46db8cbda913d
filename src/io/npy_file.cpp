#include "npy_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

constexpr std::int64_t kLongestHeader = 1 << 20;

std::uint32_t little_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<std::uint32_t>(bytes[i]);
  return value;
}

}  // namespace

NpyFile::NpyFile(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status = {};
  if (!file_.valid() || ::fstat(file_.number(), &status) != 0) {
    throw InputError(fmt::format("cannot open '{}' ({}); check the path and its permissions", path.string(),
                                 std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    throw InputError(fmt::format("cannot read '{}' (an array must be a file, no {}); name a file",
                                 path.string(), S_ISDIR(status.st_mode) ? "directory" : "pipe or device"));
  }
  const std::int64_t size = status.st_size;
  const auto truncated = [&](std::int64_t expected) {
    return InputError(fmt::format("'{}' is truncated: {} bytes found, {} expected; use another copy",
                                  path.string(), size, expected));
  };
  constexpr std::int64_t kShortest = 10;  // magic, version, length of two bytes
  std::array<std::byte, 12> start = {};
  read_at(0, std::span(start).first(static_cast<std::size_t>(std::min<std::int64_t>(size, 12))));
  if (std::memcmp(start.data(), kNpyMagic.data(), kNpyMagic.size()) != 0) {
    throw InputError(
        fmt::format("'{}' is not a NumPy array (its first bytes differ); name a file written by numpy.save",
                    path.string()));
  }
  if (size < kShortest) throw truncated(kShortest);
  const int major = static_cast<int>(start[6]);
  if (major < 1 || major > 3) {
    throw InputError(
        fmt::format("'{}' has format version {}.{} (this jensen reads 1.0 to 3.0); save the array again",
                    path.string(), major, static_cast<int>(start[7])));
  }
  const std::int64_t length_bytes = major == 1 ? 2 : 4;
  const std::int64_t length =
      little_endian(std::span(start).subspan(8, static_cast<std::size_t>(length_bytes)));
  data_begin_ = 8 + length_bytes + length;
  if (length > kLongestHeader) {
    throw InputError(fmt::format("the header of '{}' has {} bytes (must be at most {}); save the array again",
                                 path.string(), length, kLongestHeader));
  }
  if (size < data_begin_) throw truncated(data_begin_);
  std::string text(static_cast<std::size_t>(length), '\0');
  read_at(8 + length_bytes, std::as_writable_bytes(std::span(text)));
  header_ = parse_npy_header(text, path.string());
  std::int64_t expected = 0;
  if (__builtin_add_overflow(data_begin_, header_.data_bytes(), &expected) || size < expected) {
    throw InputError(fmt::format(
        "'{}' is truncated: {} bytes of numbers found, {} expected for its {} x {}; use another copy",
        path.string(), size - data_begin_, header_.data_bytes(), header_.records, header_.features));
  }
  if (size > expected) {
    throw InputError(
        fmt::format("'{}' has {} bytes behind its array of {} x {} (must end with it); save each array in a "
                    "file of its own",
                    path.string(), size - expected, header_.records, header_.features));
  }
}

void NpyFile::read(std::int64_t first, std::span<std::byte> into) const {
  read_at(data_begin_ + first * header_.bytes, into);
}

void NpyFile::read_at(std::int64_t place, std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(file_.number(), into.data(), into.size(), place);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw InputError(fmt::format("cannot read '{}' ({}); use another copy", path_.string(),
                                   got < 0 ? std::strerror(errno) : "it became shorter"));
    }
    into = into.subspan(static_cast<std::size_t>(got));
    place += got;
  }
}

}  // namespace jensen::io
