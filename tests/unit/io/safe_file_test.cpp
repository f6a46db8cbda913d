#include "jensen/io/safe_file.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "jensen/io/results.hpp"
#include "support/file_size_limit.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::FileSizeLimit;
using test::TempDir;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_CASE("a file is replaced as a whole", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("out");
  for (const std::string& content : {std::string("first"), std::string(20'000'000, 'x'), std::string()}) {
    io::write_file_safely(file, bytes_of(content));
    CHECK(test::read_file(file) == content);
    CHECK(test::entries(directory.path()) == 1);
  }
}

TEST_CASE("a file that cannot be written leaves the old one and nothing else", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("out");
  io::write_file_safely(file, bytes_of("old"));
  ExitCode code = ExitCode::success;
  std::string sentence;
  {
    const FileSizeLimit limit(1000);
    const std::string content(5000, 'x');
    sentence = test::sentence_of([&] { io::write_file_safely(file, bytes_of(content)); }, &code);
  }
  CHECK(code == ExitCode::io_failure);
  CHECK_THAT(sentence, Catch::Contains("cannot write '" + file) && Catch::EndsWith("(File too large)"));
  CHECK(test::read_file(file) == "old");
  CHECK(test::entries(directory.path()) == 1);
}

TEST_CASE("results that cannot be written leave nothing", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("results.h5");
  ExitCode code = ExitCode::success;
  std::string sentence;
  {
    const FileSizeLimit limit(50'000);
    sentence =
        test::sentence_of([&] { io::write_dataset_file(file, "data", RowMatrix::Ones(10'000, 3)); }, &code);
  }
  CHECK(code == ExitCode::io_failure);
  CHECK_THAT(sentence, Catch::Contains("cannot write '/data' of '" + file));
  CHECK(test::entries(directory.path()) == 0);
}

TEST_CASE("directories that do not admit a file are named", "[io]") {
  const TempDir directory;
  const std::string absent = directory.file("absent/out");
  const std::string expected = "cannot write '" + absent + "' (no directory '" + directory.file("absent") +
                               "'); create it: mkdir -p '" + directory.file("absent") + "'";
  CHECK(test::sentence_of([&] { io::write_file_safely(absent, bytes_of("x")); }) == expected);
  CHECK_THAT(test::sentence_of([&] { io::probe_directory_of(absent); }),
             Catch::Contains("no directory '" + directory.file("absent") + "'); create it"));
  CHECK_THAT(test::sentence_of([&] { io::probe_directory_of(directory.path()); }),
             Catch::EndsWith("(it is a directory); name a file in it"));
  CHECK(test::sentence_of([&] { io::probe_directory_of(directory.file("out")); }).empty());
  CHECK(test::entries(directory.path()) == 0);
}

TEST_CASE("a read-only directory is refused", "[io]") {
  if (::geteuid() == 0) return;  // root writes everywhere
  const TempDir directory;
  std::filesystem::permissions(directory.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK_THAT(test::sentence_of([&] { io::probe_directory_of(directory.file("out")); }),
             Catch::Contains("(Permission denied); check the permissions"));
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
}

TEST_CASE("room for a file is asked of the file system that it will be on", "[io]") {
  const TempDir directory;
  const std::string instead = "another file with --output";
  io::require_room_for(directory.file("out"), 1000, "the result", instead);
  io::require_room_for("out", 1000, "the result", instead);
  const std::string sentence = test::sentence_of(
      [&] { io::require_room_for(directory.file("out"), std::size_t{1} << 60, "the result", instead); });
  CHECK_THAT(sentence,
             Catch::Contains("no room for the result in '" + directory.path().string() + "' (") &&
                 Catch::Contains("MiB are free, must be 1.1e+12 MiB); make room, or name another file with"));
}
