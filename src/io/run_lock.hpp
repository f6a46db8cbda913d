#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "temporary_file.hpp"

namespace jensen::io {

/// A lock on a directory that the system releases when its process ends, however it ends: so there are no
/// stale ones.
class RunLock {
 public:
  /// Makes the directory again if its last user has just removed it. Throws IoError naming the holder where
  /// another process holds the lock. Where the file system has no locks, `note` gets a sentence and nothing
  /// is locked.
  RunLock(const std::filesystem::path& directory, const std::function<void(const std::string&)>& note);

  /// Removes the lock and its file, so that the directory can be removed.
  void remove();

 private:
  std::filesystem::path path_;
  std::optional<Descriptor> file_;
};

}  // namespace jensen::io
