#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jensen/core/document.hpp"

namespace jensen::io {

class RunLock;

/// The checkpoints in a directory, the newest first. For whoever only looks: it takes no lock. Throws IoError
/// where it cannot be listed.
std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& directory);

/// The checkpoints "checkpoint-<sequence>.h5" of one run in a directory of their own, which is locked against
/// other runs while the object lives. They are model files; the highest sequence that reads back whole
/// counts, and the one before it is kept. To be used on one rank.
class CheckpointDirectory {
 public:
  using Note = std::function<void(const std::string&)>;  // gets sentences that the user should read

  /// Makes the directory if it is absent, and finds out whether it can be written. Throws IoError where it
  /// cannot, or where another run is using it.
  CheckpointDirectory(std::filesystem::path directory, Note note);
  /// Removes the directory again if it was made and no checkpoint has come into it.
  ~CheckpointDirectory();
  CheckpointDirectory(const CheckpointDirectory&) = delete;
  CheckpointDirectory& operator=(const CheckpointDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  bool empty() const { return sequences().empty(); }

  /// The newest checkpoint that reads back whole, its `origin` being its path; those passed over are noted.
  /// Nothing where there is no checkpoint. Throws CheckpointError where there are some but none is whole, and
  /// IoError where one of them, which cannot be read now, may be.
  std::optional<Document> newest();

  /// Writes the next checkpoint, then removes all but it, the last whole one before it, and those that could
  /// not be read. Returns its size in bytes. Throws IoError, the older ones then being untouched.
  std::size_t write(const Document& document);

  /// Throws IoError unless two more of this size find room: two are kept while the next is written.
  void require_room(std::size_t bytes) const;

  /// The last one written or read; empty if none was.
  std::filesystem::path latest() const;
  /// How many `write` has written.
  std::size_t written() const { return written_; }

  /// Whether somebody has put a file of this name into the directory; it is then removed.
  bool take_request(const std::string& name) const;

  /// Removes the checkpoints and, if nothing else is in it, the directory.
  void remove();

 private:
  std::vector<std::int64_t> sequences() const;  // rising
  std::filesystem::path file(std::int64_t sequence) const;
  void prune();
  void remove_left_overs();

  std::filesystem::path directory_;
  Note note_;
  bool made_ = false;
  std::unique_ptr<RunLock> lock_;
  std::optional<std::int64_t> latest_, before_;  // whole ones
  std::set<std::int64_t> unreadable_;            // which may be whole
  std::size_t written_ = 0;
};

}  // namespace jensen::io
