#include "jensen/io/safe_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "jensen/core/fail_point.hpp"
#include "temporary_file.hpp"

namespace jensen::io {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{8} << 20;

void write_all(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  Descriptor file(JENSEN_FAIL_CALL("open", ::open(path.c_str(), O_WRONLY | O_CLOEXEC)));
  if (!file.valid()) throw system_error("open", path);
  while (!bytes.empty()) {
    const ssize_t written =
        JENSEN_FAIL_WRITE(file.number(), bytes.data(), std::min(bytes.size(), kPieceBytes));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) throw system_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (JENSEN_FAIL_CALL("close", file.close() ? 0 : -1) != 0) throw system_error("close", path);
}

void require_content(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw system_error("read back", path);
  std::vector<std::byte> piece(std::min(bytes.size() + 1, kPieceBytes));
  for (;;) {
    const ssize_t count = JENSEN_FAIL_CALL("read-back", ::read(file.number(), piece.data(), piece.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("read back", path);
    const auto found = std::span(piece).first(static_cast<std::size_t>(count));
    const bool same = found.size() <= bytes.size() && std::equal(found.begin(), found.end(), bytes.begin());
    if (!same || (count == 0 && !bytes.empty())) {
      throw IoError(fmt::format(
          "'{}' does not read back as it was written; the disk or file system is failing: write elsewhere",
          path.string()));
    }
    if (count == 0) return;
    bytes = bytes.subspan(found.size());
  }
}

}  // namespace

void write_file_safely(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  TemporaryFile temporary(file);
  write_all(temporary.path(), bytes);
  temporary.sync();
  require_content(temporary.path(), bytes);
  temporary.publish();
}

void probe_directory_of(const std::filesystem::path& output) {
  TemporaryFile probe(output);  // goes away unpublished
  const std::vector<std::byte> content(512, std::byte{0x5a});
  write_all(probe.path(), content);
  probe.sync();
  require_content(probe.path(), content);
  probe.rename_aside();
}

void require_room_for(const std::filesystem::path& output, std::size_t bytes, std::string_view what,
                      std::string_view instead) {
  constexpr double kMebibyte = 1 << 20;
  const auto directory = output.has_parent_path() ? output.parent_path() : std::filesystem::path(".");
  std::error_code unknown;
  const auto space = std::filesystem::space(directory, unknown);
  if (unknown || space.capacity == 0 || space.available >= bytes) return;
  throw IoError(
      fmt::format("no room for {} in '{}' ({:.3g} MiB are free, must be {:.3g} MiB); make room, or name {}",
                  what, directory.string(), static_cast<double>(space.available) / kMebibyte,
                  static_cast<double>(bytes) / kMebibyte, instead));
}

}  // namespace jensen::io
