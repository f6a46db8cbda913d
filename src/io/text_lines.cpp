#include "text_lines.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

}  // namespace

TextLines::TextLines(const std::filesystem::path& path) : path_(path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError(fmt::format("cannot read '{}' (it is a directory); name a file in it", path.string()));
  }
  errno = 0;
  file_ = ::gzopen(path.c_str(), "rbe");
  if (file_ == nullptr) {
    throw InputError(fmt::format("cannot open '{}' ({}); check the path and its permissions", path.string(),
                                 std::strerror(errno == 0 ? ENOMEM : errno)));
  }
}

TextLines::~TextLines() {
  ::gzclose_r(file_);
}

void TextLines::read_more() {
  const std::size_t kept = end_ - begin_;
  if (kept >= kMostBytes) {
    throw InputError(fmt::format("'{}' line {} is longer than {} bytes; break it up", path_.string(),
                                 number_ + 1, kMostBytes));
  }
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  const std::size_t wanted = std::max(kPieceBytes, kept);  // doubling: long lines stay linear
  buffer_.resize(std::max(buffer_.size(), kept + wanted));
  const int got = ::gzread(file_, buffer_.data() + kept, static_cast<unsigned>(wanted));
  int code = Z_OK;
  std::string reason = ::gzerror(file_, &code);
  if (const std::string name = path_.string() + ": "; reason.starts_with(name)) reason.erase(0, name.size());
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    throw InputError(
        fmt::format("cannot read '{}' behind line {} ({}); the file is damaged or was not written to "
                    "its end: use another copy",
                    path_.string(), number_, code == Z_ERRNO ? std::strerror(errno) : reason.c_str()));
  }
  end_ += static_cast<std::size_t>(got);
  at_end_ = got == 0;
  bytes_read_ = ::gzoffset(file_);
}

bool TextLines::next(std::string_view& line) {
  for (std::size_t looked = 0;;) {
    const std::string_view window(buffer_.data() + begin_, end_ - begin_);
    const std::size_t stop = window.find('\n', looked);
    if (stop == std::string_view::npos && !at_end_) {
      looked = window.size();
      read_more();
      continue;
    }
    if (window.empty()) return false;
    line = window.substr(0, stop);
    begin_ += std::min(line.size() + 1, window.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number_++ == 0 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    return true;
  }
}

std::string TextLines::place() const {
  return fmt::format("'{}' line {}", path_.string(), number_);
}

}  // namespace jensen::io
