#pragma once

#include <filesystem>
#include <string>

#include "jensen/core/error.hpp"

namespace jensen::io {

/// An open file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

  /// Closes now; false, with errno set, where the system reports an error.
  bool close();

 private:
  int number_;
};

/// "cannot <what> '<file>' (<reason of errno>)".
IoError system_error(const std::string& what, const std::filesystem::path& file);

/// A new empty file beside `target` that takes its place on `publish` and is removed otherwise.
class TemporaryFile {
 public:
  /// Throws IoError where the directory is absent or does not admit a file.
  explicit TemporaryFile(std::filesystem::path target);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }

  /// Forces the content to the medium and drops it from memory, so that reading it back tells something.
  /// Failure is final: the system may have dropped what it could not write.
  void sync() const;

  /// Renames to the target and makes the rename durable.
  void publish();

  /// Finds out whether that could be done: renames to another temporary name, and makes that durable.
  void rename_aside();

 private:
  std::filesystem::path directory() const;
  void sync_directory() const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  bool published_ = false;
};

}  // namespace jensen::io
