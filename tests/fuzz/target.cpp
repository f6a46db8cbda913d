#include "target.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "jensen/core/error.hpp"

namespace fuzz {
namespace {

/// What every refusal has to be: one line that is not empty.
void require_sentence(const char* text) {
  if (*text == '\0' || std::strchr(text, '\n') != nullptr) std::abort();
}

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "jensen-fuzz-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

const std::filesystem::path& folder() {
  static const Folder made;
  return made.path();
}

std::filesystem::path as_file(Bytes bytes) {
  const std::filesystem::path file = folder() / "input";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file;
}

int accept_or_refuse(const std::function<void()>& read) {
  try {
    read();
  } catch (const jensen::Error& refusal) {
    require_sentence(refusal.what());
  }
  return 0;
}

Choice::Choice(Bytes bytes) {
  if (bytes.empty()) return;
  first = bytes.front();
  rest = bytes.subspan(1);
}

}  // namespace fuzz
