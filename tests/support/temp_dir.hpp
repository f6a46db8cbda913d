#pragma once

#include <filesystem>
#include <string>

#include "support/world.hpp"

namespace test {

/// A new empty directory, the same one on all ranks of the communicator, removed with the object.
///
/// Construction and destruction are collective, but a rank that leaves by an exception waits for nobody.
class TempDir {
 public:
  explicit TempDir(jensen::Communicator communicator = world());
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  jensen::Communicator communicator_;
  std::filesystem::path path_;
  int exceptions_before_;
};

}  // namespace test
