#include "import_csv_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "jensen/core/error.hpp"

namespace jensen::io::csv {

Source::Source(const std::filesystem::path& path, const Limits& limits)
    : path_(path), limits_(limits), buffer_(1, '\n') {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError(fmt::format("cannot read '{}' (it is a directory); name a file in it", path.string()));
  }
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    const int cause = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    throw InputError(fmt::format("cannot open '{}' ({}); check the path and its permissions", path.string(),
                                 std::strerror(cause)));
  }
  if (S_ISREG(status.st_mode)) bytes_total_ = status.st_size;
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

Source::~Source() {
  ::close(descriptor_);
}

void Source::read_more(Index line) {
  const std::size_t kept = end_ - begin_;
  if (kept >= limits_.record_bytes) {
    throw InputError(
        fmt::format("'{}' line {}: the record that starts here is longer than {} bytes (a quote "
                    "that is never closed?); correct the line",
                    path_.string(), line, limits_.record_bytes));
  }
  const std::size_t wanted = std::max(limits_.piece_bytes, kept);  // doubling: long records stay linear
  if (begin_ > 0) std::memmove(buffer_.data(), begin(), kept);
  begin_ = 0;
  end_ = kept;
  buffer_.resize(std::max(buffer_.size(), kept + wanted + 1));
  while (end_ < kept + wanted && !at_end_) {
    const ssize_t got = ::read(descriptor_, buffer_.data() + end_, kept + wanted - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw InputError(fmt::format("cannot read '{}' beyond byte {} ({})", path_.string(), bytes_read_,
                                   std::strerror(errno)));
    }
    at_end_ = got == 0;
    end_ += static_cast<std::size_t>(got);
    bytes_read_ += got;
  }
  buffer_[end_] = '\n';
}

}  // namespace jensen::io::csv
