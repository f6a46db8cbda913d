#include "jensen/io/checkpoint_directory.hpp"

#include <catch2/catch.hpp>

#include "jensen/fit/history.hpp"
#include "jensen/io/model_file.hpp"
#include "support/file_size_limit.hpp"
#include "support/snapshots.hpp"
#include "unit/io/checkpoint_fixture.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace test;
using Catch::Matchers::Contains;

TEST_CASE("checkpoints are numbered from 0 on, and two are kept", "[io]") {
  const TempDir folder;
  const auto path = folder.path() / "run.ckpt";
  Opened opened(path);
  CheckpointDirectory& directory = opened.directory;
  CHECK(directory.empty());
  CHECK_FALSE(directory.newest());
  CHECK(directory.latest().empty());
  const std::size_t bytes = directory.write(document_of(0));
  CHECK(bytes == std::filesystem::file_size(path / "checkpoint-0.h5"));
  CHECK(files_in(path) == Names{"checkpoint-0.h5"});
  directory.write(document_of(1));
  CHECK(files_in(path) == Names{"checkpoint-0.h5", "checkpoint-1.h5"});
  for (int i = 2; i < 12; ++i) directory.write(document_of(i));
  CHECK(files_in(path) == Names{"checkpoint-10.h5", "checkpoint-11.h5"});
  CHECK(directory.latest() == path / "checkpoint-11.h5");
  CHECK(directory.written() == 12);
  CHECK(value_in(*directory.newest()) == 11);  // 11 comes after 9
  CHECK(opened.notes.empty());
}

TEST_CASE("numbers go on over processes, and what a kill left behind is tidied", "[io]") {
  const TempDir folder;
  fill(folder.path(), 3);
  test::write_file(folder.path() / "checkpoint-3.h5.4711-0.tmp", "half");
  test::write_file(folder.path() / "checkpoint-0.probe.4711-0.tmp", "probe");
  // Killed between the writing of number 2 and the removal of number 0:
  std::filesystem::copy_file(folder.path() / "checkpoint-1.h5", folder.path() / "checkpoint-0.h5");
  Opened opened(folder.path());
  CHECK(files_in(folder.path()) == Names{"checkpoint-0.h5", "checkpoint-1.h5", "checkpoint-2.h5"});
  const auto newest = opened.directory.newest();
  REQUIRE(newest);
  CHECK(value_in(*newest) == 2);
  CHECK(newest->origin == (folder.path() / "checkpoint-2.h5").string());
  opened.directory.write(document_of(3));
  CHECK(files_in(folder.path()) == Names{"checkpoint-2.h5", "checkpoint-3.h5"});
}

TEST_CASE("there has to be room for three checkpoints", "[io]") {
  const TempDir folder;
  Opened opened(folder.path() / "run.ckpt");
  opened.directory.require_room(1 << 10);
  const Ending ending = ending_of([&] { opened.directory.require_room(std::size_t{1} << 60); });
  CHECK(ending.code == ExitCode::io_failure);
  CHECK_THAT(ending.text, Contains("no room for three checkpoints in '") && Contains("run.ckpt") &&
                              Contains("must be 2.2e+12 MiB") &&
                              Contains("name another directory with --checkpoint"));
}

TEST_CASE("a checkpoint that cannot be read now is passed over, and kept", "[io]") {
  const TempDir folder;
  fill(folder.path(), 4);
  const auto make_unreadable = [&](int number) {
    const auto file = folder.path() / fmt::format("checkpoint-{}.h5", number);
    std::filesystem::remove(file);
    std::filesystem::create_symlink(file, file);  // to itself: open fails, whoever asks
  };
  make_unreadable(3);
  {
    Opened opened(folder.path());
    const auto newest = opened.directory.newest();
    REQUIRE(newest);
    CHECK(value_in(*newest) == 2);
    REQUIRE(opened.notes.size() == 1);
    CHECK_THAT(opened.notes[0], Contains("a checkpoint is passed over, and kept") &&
                                    Contains("checkpoint-3.h5' (Too many levels"));
    for (int i = 4; i < 7; ++i) opened.directory.write(document_of(i));
    CHECK(files_in(folder.path()) == Names{"checkpoint-3.h5", "checkpoint-5.h5", "checkpoint-6.h5"});
  }
  make_unreadable(5);
  make_unreadable(6);
  Opened opened(folder.path());
  const Ending ending = ending_of([&] { opened.directory.newest(); });
  CHECK(ending.code == ExitCode::io_failure);
  CHECK_THAT(ending.text, Contains("checkpoint-6.h5' (Too many levels") && Contains("make it readable"));
  CHECK(files_in(folder.path()) == Names{"checkpoint-3.h5", "checkpoint-5.h5", "checkpoint-6.h5"});
}

TEST_CASE("a damaged newest checkpoint is passed over with a sentence, and is the first to go", "[io]") {
  using Damage = std::function<void(const std::filesystem::path&)>;
  const auto cut = [](double part) {
    return [=](const std::filesystem::path& file) {
      const auto size = static_cast<double>(std::filesystem::file_size(file));
      std::filesystem::resize_file(file, static_cast<std::uintmax_t>(part * size));
    };
  };
  const auto flip = [](std::size_t place) {
    return [=](const std::filesystem::path& file) {
      std::string content = test::read_file(file);
      content[place % content.size()] ^= 16;
      test::write_file(file, content);
    };
  };
  const auto replace = [](const std::string& content) {
    return [=](const std::filesystem::path& file) { test::write_file(file, content); };
  };
  const std::vector<std::pair<Damage, std::string>> damages = {
      {cut(0), "is not a jensen model file"},
      {cut(0.01), "is truncated"},
      {cut(0.5), "is truncated"},
      {cut(0.9999), "is truncated"},
      {flip(3), "is not a jensen model file"},
      {flip(16), "has format version"},
      {flip(30), "is truncated"},
      {flip(40), "is damaged"},
      {flip(300), "is damaged"},
      {flip(600), "is damaged"},
      {flip(static_cast<std::size_t>(-1)), "is damaged"},
      {replace("hello"), "is not a jensen model file"},
      {replace(std::string(4096, '\0')), "is not a jensen model file"},
      {[](const auto& file) { std::filesystem::remove(file), std::filesystem::create_directory(file); },
       "Is a directory"},
      {[](const auto& file) {
         std::filesystem::remove(file);
         std::filesystem::create_symlink("nowhere", file);
       },
       "No such file"},
  };
  for (const auto& [damage, part] : damages) {
    const TempDir folder;
    fill(folder.path(), 4);
    damage(folder.path() / "checkpoint-3.h5");
    Opened opened(folder.path());
    INFO(part);
    CHECK_FALSE(opened.directory.empty());
    const auto newest = opened.directory.newest();
    REQUIRE(newest);
    CHECK(value_in(*newest) == 2);
    REQUIRE(opened.notes.size() == 1);
    CHECK_THAT(opened.notes[0],
               Contains("a checkpoint is passed over") && Contains("checkpoint-3.h5") && Contains(part));
    CHECK(opened.directory.latest() == folder.path() / "checkpoint-2.h5");
    opened.directory.write(document_of(4));
    CHECK(files_in(folder.path()) == Names{"checkpoint-2.h5", "checkpoint-4.h5"});
    CHECK(value_in(*opened.directory.newest()) == 4);
  }
}

TEST_CASE("where no checkpoint is whole, none is made up", "[io]") {
  const TempDir folder;
  fill(folder.path(), 4);
  for (const char* const name : {"checkpoint-2.h5", "checkpoint-3.h5"})
    std::filesystem::resize_file(folder.path() / name, 700);
  Opened opened(folder.path());
  const Ending ending = ending_of([&] { opened.directory.newest(); });
  CHECK(ending.code == ExitCode::checkpoint_refused);
  CHECK_THAT(ending.text, Contains("none of the 2 checkpoints") && Contains("remove the directory"));
  CHECK(opened.notes.size() == 2);
  CHECK(files_in(folder.path()) == Names{"checkpoint-2.h5", "checkpoint-3.h5"});
}

TEST_CASE("other files are no checkpoints, and stay", "[io]") {
  const TempDir folder;
  const Names foreign = {"checkpoint-.h5",      "checkpoint-1.h5.bak", "checkpoint-007.h5",
                         "checkpoint--1.h5",    "checkpoint-+1.h5",    "checkpoint-1e3.h5",
                         "my-checkpoint-1.h5",  "notes.txt",           "checkpoint-9223372036854775807.h5",
                         "checkpoint-1 (2).h5", "checkpoint-0x1.h5",   "checkpoint-99999999999999999999.h5"};
  for (const std::string& name : foreign) test::write_file(folder.path() / name, "mine");
  Opened opened(folder.path());
  CHECK(opened.directory.empty());
  CHECK_FALSE(opened.directory.newest());
  for (int i = 0; i < 4; ++i) opened.directory.write(document_of(i));
  opened.directory.remove();
  CHECK(files_in(folder.path()) == foreign);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "lock"));
  CHECK(opened.notes.empty());
}

TEST_CASE("paths that cannot hold checkpoints", "[io]") {
  const TempDir folder;
  test::write_file(folder.path() / "file", "content");
  const auto require_refused = [](const std::filesystem::path& path, const std::string& part) {
    const Ending ending = ending_of_opening(path);
    CHECK(ending.code == ExitCode::io_failure);
    CHECK_THAT(ending.text, Contains(part) && Contains(path.string()));
  };
  require_refused(folder.path() / "file", "it is no directory");
  require_refused(folder.path() / "file" / "below", "Not a directory");
  require_refused(folder.path() / "absent" / "below", "No such file or directory");
  require_refused("/proc", "cannot write");
  require_refused("/proc/jensen.ckpt", "cannot make the checkpoint directory");
  require_refused(folder.path() / std::string(300, 'x'), "File name too long");
  CHECK(test::read_file(folder.path() / "file") == "content");
}

TEST_CASE("a full disk leaves the older checkpoints whole", "[io]") {
  const TempDir folder;
  Opened opened(folder.path());
  for (int i = 0; i < 3; ++i) opened.directory.write(document_of(i));
  for (const rlim_t limit : {0UL, 1UL, 511UL, 1000UL, 4000UL}) {
    Ending ending;
    {
      const test::FileSizeLimit full(limit);
      ending = ending_of([&] { opened.directory.write(document_of(9)); });
    }
    CHECK(ending.code == ExitCode::io_failure);
    CHECK_THAT(ending.text, Contains("cannot write") && Contains("File too large"));
    CHECK(files_in(folder.path()) == Names{"checkpoint-1.h5", "checkpoint-2.h5"});
    CHECK(value_in(*opened.directory.newest()) == 2);
  }
  opened.directory.write(document_of(3));
  CHECK(files_in(folder.path()) == Names{"checkpoint-2.h5", "checkpoint-3.h5"});
  CHECK(opened.notes.empty());
}

TEST_CASE("a directory removed under a run is told of", "[io]") {
  const TempDir folder;
  const auto path = folder.path() / "run.ckpt";
  Opened opened(path);
  opened.directory.write(document_of(1));
  std::filesystem::remove_all(path);
  const Ending ending = ending_of([&] { opened.directory.write(document_of(2)); });
  CHECK(ending.code == ExitCode::io_failure);
  CHECK_THAT(ending.text, Contains("No such file or directory"));
}

TEST_CASE("snapshots come back from a file with every bit, empty arrays and texts included", "[io]") {
  const TempDir folder;
  History history;
  for (const double objective : {-1.0 / 3, -0.0}) {
    history.add({.restart = 0, .seed = ~std::uint64_t{0}, .objective = objective},
                [&] {
                  return State{.numbers = {{"theta", {objective, 5e-324}}}, .integers = {{"none", {}}}};
                },
                {.objectives = {objective}, .elapsed_seconds = {0.1}});
  }
  for (const bool begun : {false, true}) {
    for (const bool ended : {false, true}) {
      Snapshot snapshot{.stage = {"k-means", 1, 3}, .ended = ended};
      if (!ended) snapshot.objective = -1e308, snapshot.model = {.numbers = {{"means", {-0.0, 1.0 / 3}}}};
      if (begun) snapshot.history = history;
      Document document;
      record_format(document);
      store_snapshot(snapshot, document);
      io::write_model_file(document, folder.file("snapshot.h5"));
      const Document read = io::read_model_file(folder.file("snapshot.h5"));
      CHECK(has_snapshot(read));
      CHECK(test::bits_of(stored_snapshot(read)) == test::bits_of(snapshot));
    }
  }
}
