#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace jensen::io {

/// What changes when a file is written to or another one takes its name. Compared on the host that saw it:
/// hosts may have copies of their own.
struct FileVersion {
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t written_seconds = 0, written_nanoseconds = 0;  // time of the last change

  bool operator==(const FileVersion&) const = default;
};

/// All 0 where there is no such file.
FileVersion version_of(const std::filesystem::path& file);

/// Throws InputError, which calls the input `name`, if the file is no longer that of `before`.
void require_unchanged(const std::filesystem::path& file, const FileVersion& before, const std::string& name);

}  // namespace jensen::io
