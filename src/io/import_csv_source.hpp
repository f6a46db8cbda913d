#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io::csv {

/// How much of the input is held at a time; smaller in tests.
struct Limits {
  std::size_t piece_bytes = std::size_t{4} << 20;
  std::size_t sample_bytes = std::size_t{64} << 10;   // looked at to find the delimiter; at least 4
  std::size_t record_bytes = std::size_t{256} << 20;  // a longer record is refused
};

/// The input as a window of text that moves forward: what is not consumed yet, followed by a '\n' sentinel.
class Source {
 public:
  /// @throws InputError no such file, a directory, not readable
  Source(const std::filesystem::path& path, const Limits& limits);
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const char* begin() const { return buffer_.data() + begin_; }
  const char* end() const { return buffer_.data() + end_; }
  bool at_end() const { return at_end_; }  // no text follows `end`

  /// Drops the text before `next`. @pre begin() <= next <= end()
  void consume_to(const char* next) { begin_ = static_cast<std::size_t>(next - buffer_.data()); }

  /// Reads a piece more behind what is not consumed, which moves. `line` is that of begin(), for the
  /// sentence.
  ///
  /// @pre !at_end()
  /// @throws InputError unreadable, or a record longer than the limit
  void read_more(Index line);

  const Limits& limits() const { return limits_; }
  const std::filesystem::path& path() const { return path_; }
  std::int64_t bytes_read() const { return bytes_read_; }
  std::int64_t bytes_total() const { return bytes_total_; }  // 0: not known

 private:
  std::filesystem::path path_;
  Limits limits_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false;
  std::int64_t bytes_read_ = 0, bytes_total_ = 0;
};

}  // namespace jensen::io::csv
