#include "support/temp_dir.hpp"

#include <unistd.h>

#include <exception>
#include <system_error>
#include <utility>

#include "jensen/core/error.hpp"

namespace test {

TempDir::TempDir(jensen::Communicator communicator)
    : communicator_(std::move(communicator)), exceptions_before_(std::uncaught_exceptions()) {
  std::string name = (std::filesystem::temp_directory_path() / "jensen-test-XXXXXX").string();
  communicator_.on_root([&] {
    if (::mkdtemp(name.data()) == nullptr) throw jensen::IoError("cannot make a directory '" + name + "'");
  });
  communicator_.broadcast(name);
  path_ = name;
}

TempDir::~TempDir() {
  if (std::uncaught_exceptions() == exceptions_before_) communicator_.barrier();
  std::error_code ignored;
  if (communicator_.is_root()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace test
