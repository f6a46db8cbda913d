#include "jensen/io/file_version.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "jensen/core/error.hpp"

namespace jensen::io {

FileVersion version_of(const std::filesystem::path& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

void require_unchanged(const std::filesystem::path& file, const FileVersion& before,
                       const std::string& name) {
  if (version_of(file) == before) return;
  throw InputError(fmt::format(
      "'{}' changed while jensen was reading it; let the program that writes it finish, then start again",
      name));
}

}  // namespace jensen::io
