#include "jensen/io/checkpoint_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/core/fail_point.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/safe_file.hpp"
#include "run_lock.hpp"
#include "watchdog.hpp"

namespace jensen::io {
namespace {

const std::string kBegin = "checkpoint-", kEnd = ".h5";

std::string name_of(std::int64_t sequence) {
  return fmt::format("{}{}{}", kBegin, sequence, kEnd);
}

/// The sequence in "checkpoint-12.h5", if it is such a name.
std::optional<std::int64_t> sequence_of(const std::string& name) {
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return {};
  const char* const begin = name.data() + kBegin.size();
  const char* const end = name.data() + name.size() - kEnd.size();
  std::int64_t sequence = 0;
  const auto [stop, error] = std::from_chars(begin, end, sequence);
  if (begin == end || error != std::errc() || stop != end || name != name_of(sequence)) return {};
  return sequence < 0 || sequence == std::numeric_limits<std::int64_t>::max() ? std::nullopt
                                                                              : std::optional(sequence);
}

bool is_left_over(const std::string& name) {
  return (name.starts_with(kBegin) && name.ends_with(".tmp")) || Watchdog::is_left_over(name);
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error)
    throw IoError(
        fmt::format("cannot list '{}' ({}); check its permissions", directory.string(), error.message()));
  return names;
}

std::vector<std::int64_t> sequences_in(const std::filesystem::path& directory) {
  std::vector<std::int64_t> found;
  for (const std::string& name : names_in(directory)) {
    if (const auto sequence = sequence_of(name)) found.push_back(*sequence);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Returns whether it was not there. Another run, which is just ending, may remove it at any moment.
bool make_directory(const std::filesystem::path& directory) {
  for (int attempts_left = 100;; --attempts_left) {
    std::error_code error, ignored;
    const bool made = std::filesystem::create_directory(directory, error);
    if (!error) return made;
    const auto found = std::filesystem::status(directory, ignored);
    if (std::filesystem::exists(found) && !std::filesystem::is_directory(found)) {
      throw IoError(fmt::format(
          "cannot write checkpoints into '{}' (it is no directory); name a directory with --checkpoint",
          directory.string()));
    }
    if (error == std::errc::file_exists && attempts_left > 0) continue;  // it was there, and went
    throw IoError(
        fmt::format("cannot make the checkpoint directory '{}' ({}); name another with --checkpoint",
                    directory.string(), error.message()));
  }
}

}  // namespace

std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const std::int64_t sequence : sequences_in(directory)) files.push_back(directory / name_of(sequence));
  std::reverse(files.begin(), files.end());
  return files;
}

CheckpointDirectory::CheckpointDirectory(std::filesystem::path directory, Note note)
    : directory_(std::move(directory)), note_(std::move(note)) {
  made_ = make_directory(directory_);
  JENSEN_FAIL_POINT("lock");
  lock_ = std::make_unique<RunLock>(directory_, note_);
  remove_left_overs();
  probe_directory_of(file(0).replace_extension(".probe"));
}

CheckpointDirectory::~CheckpointDirectory() {
  if (!made_ || written_ > 0) return;
  try {
    remove();
  } catch (const Error&) {
    // an empty directory stays
  }
}

std::filesystem::path CheckpointDirectory::file(std::int64_t sequence) const {
  return directory_ / name_of(sequence);
}

std::vector<std::int64_t> CheckpointDirectory::sequences() const {
  return sequences_in(directory_);
}

std::optional<Document> CheckpointDirectory::newest() {
  const std::vector<std::int64_t> all = sequences();
  std::string unreadable;
  for (auto sequence = all.rbegin(); sequence != all.rend(); ++sequence) {
    try {
      Document document = read_model_file(file(*sequence));
      latest_ = *sequence;
      return document;
    } catch (const UnreadableError& error) {
      note_(fmt::format("a checkpoint is passed over, and kept: {}", error.what()));
      unreadable_.insert(*sequence);
      if (unreadable.empty()) unreadable = error.what();
    } catch (const InputError& error) {
      note_(fmt::format("a checkpoint is passed over: {}", error.what()));
    }
  }
  if (all.empty()) return {};
  if (!unreadable.empty()) {
    throw IoError(fmt::format("none of the {} checkpoints in '{}' can be used now, and one may be whole: {}",
                              all.size(), directory_.string(), unreadable));
  }
  throw CheckpointError(fmt::format(
      "none of the {} checkpoints in '{}' can be used (one whole checkpoint is needed to go on); bring one "
      "back from a backup, or remove the directory to begin anew",
      all.size(), directory_.string()));
}

std::size_t CheckpointDirectory::write(const Document& document) {
  JENSEN_FAIL_POINT("checkpoint");
  const std::vector<std::int64_t> all = sequences();
  const std::int64_t next = all.empty() ? 0 : all.back() + 1;
  const std::size_t bytes = write_model_file(document, file(next));
  JENSEN_FAIL_POINT("synced");
  ++written_;
  before_ = std::exchange(latest_, next);
  prune();
  return bytes;
}

void CheckpointDirectory::require_room(std::size_t bytes) const {
  require_room_for(file(0), 2 * bytes, "three checkpoints", "another directory with --checkpoint");
}

void CheckpointDirectory::prune() {
  if (!before_) return;  // nothing is known of older ones
  for (const std::int64_t sequence : sequences()) {
    std::error_code ignored;
    if (sequence == latest_ || sequence == before_ || unreadable_.contains(sequence)) continue;
    JENSEN_FAIL_POINT("prune");
    std::filesystem::remove(file(sequence), ignored);
  }
  JENSEN_FAIL_POINT("pruned");
}

std::filesystem::path CheckpointDirectory::latest() const {
  return latest_ ? file(*latest_) : std::filesystem::path();
}

void CheckpointDirectory::remove_left_overs() {
  for (const std::string& name : names_in(directory_)) {
    std::error_code ignored;
    if (is_left_over(name)) std::filesystem::remove(directory_ / name, ignored);
  }
}

bool CheckpointDirectory::take_request(const std::string& name) const {
  const std::filesystem::path path = directory_ / name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  std::filesystem::remove(path, ignored);
  return true;
}

void CheckpointDirectory::remove() {
  JENSEN_FAIL_POINT("remove");
  std::error_code ignored;
  remove_left_overs();
  for (const std::int64_t sequence : sequences()) std::filesystem::remove(file(sequence), ignored);
  lock_->remove();
  std::filesystem::remove(directory_, ignored);  // unless something else is in it
  latest_.reset();
  before_.reset();
  made_ = false;  // from now on it is the next run's
}

}  // namespace jensen::io
