#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

#include "jensen/io/corpus.hpp"
#include "jensen/io/import_csv.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/results.hpp"
#include "jensen/io/safe_file.hpp"
#include "support/example_corpus.hpp"
#include "unit/io/hdf5_files.hpp"
#include "unit/io/watched_disk.hpp"

using namespace jensen;
using test::TempDir;
using test::WatchedDisk;

namespace {

RowMatrix table() {
  RowMatrix values(4000, 3);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = static_cast<double>(i) / 7;
  return values;
}

/// A way in which jensen writes a file; `inputs`: a directory of what it may read.
struct Writer {
  std::string name;
  std::function<void(const std::string& file, const std::string& inputs)> write;
};

std::vector<Writer> writers() {
  return {{"bytes",
           [](const std::string& file, const std::string&) {
             const std::string content(100'000, 'x');
             io::write_file_safely(file, std::as_bytes(std::span(content.data(), content.size())));
           }},
          {"model",
           [](const std::string& file, const std::string&) {
             Document document;
             document.set("/parameters/means", table());
             io::write_model_file(document, file);
           }},
          {"results", [](const std::string& file,
                         const std::string&) { io::write_dataset_file(file, "data", table()); }},
          {"corpus",
           [](const std::string& file, const std::string&) {
             const std::vector<std::string> words(80, "some word");
             io::write_corpus_file(file, "/group/inner/corpus", test::example_corpus(3000), words);
           }},
          {"import", [](const std::string& file, const std::string& inputs) {
             const std::string text = inputs + "/in.csv";
             std::ofstream out(text);
             const RowMatrix values = table();
             for (Index n = 0; n < values.rows(); ++n) {
               out << values(n, 0) << ',' << values(n, 1) << ',' << values(n, 2) << '\n';
             }
             out.close();
             io::import_csv(text, file, {.dataset = "/group/inner/data"});
           }}};
}

/// A directory with a file that is to be replaced, and another one for inputs.
struct Place {
  TempDir directory, inputs;
  std::string file = directory.file("out");

  Place() { test::write_file(file, "old"); }

  /// How a write under the disk's eyes ends: its sentence, or "".
  std::string write(const Writer& writer, ExitCode* code = nullptr) const {
    return test::sentence_of([&] { writer.write(file, inputs.path().string()); }, code);
  }
  std::string content() const { return test::read_file(file); }
};

/// What a write that nothing disturbs leaves.
std::string replaced_content(const Writer& writer) {
  const Place place;
  REQUIRE(place.write(writer).empty());
  return place.content();
}

}  // namespace

/// HDF5 loses memory of files that it cannot close.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

TEST_CASE("the same content gives the same file, at any time", "[durability]") {
  const auto all = writers();
  std::vector<std::string> before;
  for (const Writer& writer : all) before.push_back(replaced_content(writer));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(all[i].name);
    CHECK((replaced_content(all[i]) == before[i]));
  }
}

TEST_CASE("a file is on the disk and read back before it gets its name, and its name is on the disk then",
          "[durability]") {
  const Writer writer = GENERATE(from_range(writers()));
  INFO(writer.name);
  const Place place;
  {
    const WatchedDisk disk(place.directory.path());
    CHECK(place.write(writer).empty());
    CHECK(disk.ending() == std::vector<std::string>{"write temporary", "sync temporary", "read temporary",
                                                    "rename temporary to out", "sync directory"});
    CHECK(disk.count("write out") == 0);
    CHECK(disk.count("rename temporary to out") == 1);
  }
  CHECK(place.content() != "old");
  CHECK(test::entries(place.directory.path()) == 1);
}

TEST_CASE("short and interrupted writes lose nothing", "[durability]") {
  const Writer writer = GENERATE(from_range(writers()));
  INFO(writer.name);
  const std::string expected = replaced_content(writer);
  const Place place;
  {
    const WatchedDisk disk(place.directory.path(),
                           WatchedDisk::Disturbance{.most_bytes = 1000, .interrupts_writes = true});
    CHECK(place.write(writer).empty());
    CHECK(disk.count("write temporary") > 20);
  }
  CHECK((place.content() == expected));
}

TEST_CASE("a disk that fails leaves the old file and nothing else, and is not asked again", "[durability]") {
  const Writer writer = GENERATE(from_range(writers()));
  using Failure = std::pair<std::string, int>;
  const auto [call, error] = GENERATE(
      Failure{"write temporary", ENOSPC}, Failure{"write temporary", EIO}, Failure{"sync temporary", EIO},
      Failure{"sync temporary", ENOSPC}, Failure{"sync temporary", EINVAL}, Failure{"sync temporary", EINTR},
      Failure{"read temporary", EIO}, Failure{"rename temporary to out", EIO});
  INFO(writer.name << ": " << call << ", error " << error);
  const Place place;
  {
    const WatchedDisk disk(place.directory.path(), WatchedDisk::Errors{{call, error}});
    ExitCode code = ExitCode::success;
    const std::string sentence = place.write(writer, &code);
    CHECK(code == ExitCode::io_failure);
    CHECK_THAT(sentence, Catch::Contains(place.file));
    if (call.starts_with("sync")) CHECK(disk.count(call) == 1);
    CHECK(disk.count("rename temporary to out") == (call.starts_with("rename") ? 1 : 0));
  }
  CHECK(place.content() == "old");
  CHECK(test::entries(place.directory.path()) == 1);
}

TEST_CASE("a name that may not be on the disk is an error, unless the file system cannot tell",
          "[durability]") {
  const Writer writer = GENERATE(from_range(writers()));
  INFO(writer.name);
  const std::string expected = replaced_content(writer);
  const Place place;
  {
    const WatchedDisk disk(place.directory.path(), WatchedDisk::Errors{{"sync directory", EIO}});
    ExitCode code = ExitCode::success;
    CHECK_THAT(place.write(writer, &code), Catch::Contains(place.directory.path().string()));
    CHECK(code == ExitCode::io_failure);
    CHECK(disk.count("sync directory") == 1);
  }
  CHECK((place.content() == expected));
  CHECK(test::entries(place.directory.path()) == 1);
  const WatchedDisk disk(place.directory.path(), WatchedDisk::Errors{{"sync directory", EINVAL}});
  CHECK(place.write(writer).empty());
}

TEST_CASE("a disk that alters what it is given is found out", "[durability]") {
  const Writer writer = GENERATE(from_range(writers()));
  INFO(writer.name);
  const Place place;
  {
    const WatchedDisk disk(place.directory.path(), WatchedDisk::Disturbance{.altered_bytes = 10'000});
    ExitCode code = ExitCode::success;
    CHECK_THAT(place.write(writer, &code), Catch::Contains(place.file));
    CHECK(code == ExitCode::io_failure);
    CHECK(disk.count("rename temporary to out") == 0);
  }
  CHECK(place.content() == "old");
  CHECK(test::entries(place.directory.path()) == 1);
}

TEST_CASE("a directory is tried as a file would be written, and left as it was", "[durability]") {
  const Place place;
  const WatchedDisk disk(place.directory.path());
  io::probe_directory_of(place.file);
  CHECK(disk.calls() == std::vector<std::string>{"write temporary", "sync temporary", "read temporary",
                                                 "read temporary", "rename temporary to temporary",
                                                 "sync directory"});
  CHECK(test::entries(place.directory.path()) == 1);
  for (const std::string call :
       {"write temporary", "sync temporary", "read temporary", "rename temporary to temporary"}) {
    const WatchedDisk failing(place.directory.path(), WatchedDisk::Errors{{call, EIO}});
    ExitCode code = ExitCode::success;
    CHECK_THAT(test::sentence_of([&] { io::probe_directory_of(place.file); }, &code),
               Catch::Contains(place.file) && Catch::EndsWith("(Input/output error)"));
    CHECK(code == ExitCode::io_failure);
    CHECK(test::entries(place.directory.path()) == 1);
  }
}
