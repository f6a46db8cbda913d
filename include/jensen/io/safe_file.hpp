#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace jensen::io {

/// Puts `bytes` into the file, in place of an older one, so that after a crash at any instant the file holds
/// either the old or the new content: temporary file, write, fsync, read back, rename, fsync of the
/// directory. A crash may leave a file named like `model.h5.<pid>-0.tmp`, which may be deleted.
///
/// Throws IoError with the path and the reason; the temporary file is then removed and the old file is as it
/// was (unless the very last step, the fsync of the directory, failed).
void write_file_safely(const std::filesystem::path& file, std::span<const std::byte> bytes);

/// Finds out before a long run whether `output` could be written: creates, writes, syncs, reads back,
/// renames and removes a file beside it. Throws IoError if not.
void probe_directory_of(const std::filesystem::path& output);

/// Throws IoError where fewer than so many bytes are free for `output`: "no room for <what> in ...; make
/// room, or name <instead>". A file system that does not tell has room.
void require_room_for(const std::filesystem::path& output, std::size_t bytes, std::string_view what,
                      std::string_view instead);

}  // namespace jensen::io
