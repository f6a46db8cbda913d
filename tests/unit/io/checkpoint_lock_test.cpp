#include <catch2/catch.hpp>

#include "unit/io/checkpoint_fixture.hpp"

using namespace test;
using Catch::Matchers::Contains;

TEST_CASE("a directory that was made goes with its checkpoints, and where none came", "[io]") {
  const TempDir folder;
  const auto path = folder.path() / "run.ckpt";
  {
    Opened opened(path);
    CHECK(std::filesystem::is_directory(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  fill(path, 3);
  {
    Opened opened(path);
    CHECK(opened.directory.newest());
  }
  CHECK(files_in(path).size() == 2);
  {
    Opened opened(path);
    opened.directory.remove();
    CHECK_FALSE(std::filesystem::exists(path));
    Opened next(path);  // another run may begin at once, and what is left of the first does not disturb it
    next.directory.write(document_of(1));
  }
  CHECK(files_in(path) == Names{"checkpoint-0.h5"});
}

TEST_CASE("a directory is of one run at a time", "[io]") {
  const TempDir folder;
  {
    Opened first(folder.path());
    const Ending ending = ending_of_opening(folder.path());
    CHECK(ending.code == ExitCode::io_failure);
    CHECK_THAT(ending.text, Contains("another run is using the checkpoint directory") &&
                                Contains("process " + std::to_string(::getpid())) && Contains("since"));
    Child child([&] {
      const Ending refused = ending_of_opening(folder.path());
      return refused.code == ExitCode::io_failure && refused.text.find("another run") != std::string::npos;
    });
    CHECK(child.done);
    CHECK(child.kill());
    first.directory.write(document_of(1));  // it does not notice
  }
  CHECK(ending_of_opening(folder.path()) == Ending{});
}

TEST_CASE("the lock of a killed run is free at once", "[io]") {
  const TempDir folder;
  std::optional<Opened> kept;
  Child holder([&] {
    kept.emplace(folder.path());
    kept->directory.write(document_of(5));
    return true;
  });
  REQUIRE(holder.done);
  CHECK_THAT(ending_of_opening(folder.path()).text, Contains("another run is using"));
  REQUIRE(holder.kill());
  Opened opened(folder.path());
  CHECK(value_in(*opened.directory.newest()) == 5);
}

TEST_CASE("runs that come and go in one directory do not disturb each other", "[io]") {
  const TempDir folder;
  const auto path = folder.path() / "run.ckpt";
  const auto come_and_go = [&](int first) -> std::string {
    int alone = 0;
    const Stopwatch watch;
    for (int i = 0; alone < 150 && watch.seconds() < 20; ++i) {
      std::this_thread::sleep_for(std::chrono::microseconds(200 * (i % 7)));
      const Ending ending = ending_of([&] {
        Opened opened(path);
        if (!opened.directory.empty()) throw IoError("the other's checkpoints are there");
        opened.directory.write(document_of(first + i));
        if (value_in(*opened.directory.newest()) != first + i) throw IoError("it is the other's checkpoint");
        opened.directory.remove();
      });
      if (ending == Ending{}) ++alone;
      const bool waited = ending.text.find("another run is using") != std::string::npos;
      if (ending != Ending{} && !waited) return ending.text;
    }
    return alone == 150 ? "" : fmt::format("alone {} times only", alone);
  };
  Child other(
      [&] {
        const std::string trouble = come_and_go(1000);
        if (!trouble.empty()) fmt::print(stderr, "in the child: {}\n", trouble);
        return trouble.empty();
      },
      Child::Talk::later);
  CHECK(come_and_go(0).empty());
  CHECK(other.hear());
  CHECK_FALSE(std::filesystem::exists(path));
}
