#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io {

/// The lines of a text file, one after the other; a file compressed with gzip is read as what it holds.
class TextLines {
 public:
  /// @throws InputError no such file, a directory, not readable
  explicit TextLines(const std::filesystem::path& path);
  ~TextLines();
  TextLines(const TextLines&) = delete;
  TextLines& operator=(const TextLines&) = delete;

  /// Gives the next line without its end, LF or CRLF, and the first without a byte order mark; valid until
  /// the next call. False at the end. @throws InputError unreadable, or a line of more than 1 GiB
  bool next(std::string_view& line);

  Index number() const { return number_; }  // of the line given last, from 1
  const std::filesystem::path& path() const { return path_; }
  std::int64_t bytes_read() const { return bytes_read_; }  // of the file, as it is stored
  bool at_end() const { return at_end_ && begin_ == end_; }

  /// "'docs.dat' line 12".
  std::string place() const;

 private:
  void read_more();

  std::filesystem::path path_;
  gzFile file_ = nullptr;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false;
  Index number_ = 0;
  std::int64_t bytes_read_ = 0;
};

}  // namespace jensen::io
