#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "npy_header.hpp"
#include "temporary_file.hpp"

namespace jensen::io {

/// An open NumPy array, of the length that its header says.
class NpyFile {
 public:
  /// @throws InputError says why it cannot be used
  explicit NpyFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const NpyHeader& header() const { return header_; }
  std::int64_t bytes() const { return data_begin_ + header_.data_bytes(); }

  /// Fills `into` with the bytes of the array from number `first` on. @throws InputError unreadable
  void read(std::int64_t first, std::span<std::byte> into) const;

 private:
  void read_at(std::int64_t place, std::span<std::byte> into) const;

  std::filesystem::path path_;
  Descriptor file_;
  std::int64_t data_begin_ = 0;
  NpyHeader header_;
};

}  // namespace jensen::io
