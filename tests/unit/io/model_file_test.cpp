#include "jensen/io/model_file.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <limits>

#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

namespace {

Document example() {
  Document document;
  document.set("/parameters/means", RowMatrix{{1.5, -2.25}, {1e-300, 0.1}});
  document.set("/parameters/weights", Vector{{0.25, 0.75}});
  document.set("/state/limits", Vector{{-0.0, std::numeric_limits<double>::infinity()}});
  document.set("/state/counts", NdArray{{2, 1, 2}, std::vector<std::int64_t>{1, -2, 3, INT64_MIN}});
  document.set("/names", NdArray{{3},
                                 std::vector<std::string>{"age", "",
                                                          "gr\xc3\xb6\xc3\x9f"
                                                          "e"}});
  document.set("/empty", NdArray{{0, 3}, std::vector<double>{}});
  document.set("/no_names", NdArray{{0}, std::vector<std::string>{}});
  document.set("/scalar", NdArray{{}, std::vector<double>{3.5}});
  document.set_attribute("/", "format", "jensen-model");
  document.set_attribute("/fit", "iteration", std::int64_t{12});
  document.set_attribute("/fit/deep", "note", std::string(100'000, 'n'));
  document.set_attribute("/parameters/means", "unit", 2.5);
  return document;
}

bool same(const Document& a, const Document& b) {
  const auto same_array = [](const auto& left, const auto& right) {
    return left.first == right.first && left.second.shape == right.second.shape &&
           left.second.values == right.second.values;
  };
  return a.attributes() == b.attributes() &&
         std::equal(a.arrays().begin(), a.arrays().end(), b.arrays().begin(), b.arrays().end(), same_array);
}

std::string refusal(const std::string& file) {
  ExitCode code = ExitCode::success;
  const std::string text = test::sentence_of([&] { io::read_model_file(file); }, &code);
  return code == ExitCode::input_rejected ? text : "";
}

}  // namespace

TEST_CASE("a document survives a model file to the bit", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("model.h5");
  const Document document = example();
  io::write_model_file(document, file);
  const Document read = io::read_model_file(file);
  CHECK(same(document, read));
  CHECK(std::signbit(read.vector("/state/limits")[0]));
  CHECK(read.origin == file);
}

TEST_CASE("the same document gives the same bytes", "[io]") {
  const TempDir directory;
  io::write_model_file(example(), directory.file("a.h5"));
  io::write_model_file(io::read_model_file(directory.file("a.h5")), directory.file("b.h5"));
  CHECK(test::read_file(directory.file("a.h5")) == test::read_file(directory.file("b.h5")));
}

TEST_CASE("HDF5 opens a model file behind its header", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("model.h5");
  io::write_model_file(example(), file);
  const io::LoadedData means = io::load(io::inspect(file + ":/parameters/means", {}), {}, {});
  CHECK(means.shard.original_record(1)[1] == 0.1);
}

TEST_CASE("every flipped bit and every truncation of a model file is refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("model.h5"), damaged = directory.file("damaged.h5");
  Document document;
  document.set("/w", Vector{{0.25, 0.75}});
  io::write_model_file(document, file);
  const std::string whole = test::read_file(file);
  std::size_t accepted = 0;
  // In place and from the end: some file systems take a millisecond to write a file anew.
  test::write_file(damaged, whole);
  std::fstream content(damaged, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&](std::size_t place, char value) {
    content.seekp(static_cast<std::streamoff>(place)).put(value).flush();
  };
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    put(bit / 8, static_cast<char>(whole[bit / 8] ^ (1 << (bit % 8))));
    if (refusal(damaged).empty()) ++accepted;
    put(bit / 8, whole[bit / 8]);
  }
  CHECK(refusal(damaged).empty());
  for (std::size_t length = whole.size(); length-- > 0;) {
    std::filesystem::resize_file(damaged, length);
    if (refusal(damaged).empty()) ++accepted;
  }
  CHECK(accepted == 0);
}

TEST_CASE("refusals of model files say what differs", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("model.h5");
  CHECK(refusal(file) ==
        "cannot open '" + file + "' (No such file or directory); name a model file written by 'jensen fit'");
  io::write_model_file(example(), file);
  const std::string whole = test::read_file(file);
  const auto with = [&](const std::string& content) {
    test::write_file(file, content);
    return refusal(file);
  };
  CHECK_THAT(with("hello"), Catch::Contains("is not a jensen model file (its first bytes differ)"));
  CHECK_THAT(with(whole.substr(512)), Catch::Contains("is not a jensen model file: it is HDF5 without"));
  CHECK_THAT(with(whole.substr(0, 100)),
             Catch::Contains("is truncated: 100 bytes found, at least 512 expected"));
  CHECK_THAT(with(whole.substr(0, whole.size() - 1)),
             Catch::Contains(fmt::format("is truncated: {} bytes found behind its header, {} expected",
                                         whole.size() - 513, whole.size() - 512)));
  CHECK_THAT(with(whole + "x"), Catch::Contains("was changed by another program"));
  std::string changed = whole;
  changed[16] = 2;
  CHECK_THAT(with(changed), Catch::Contains("has format version 2 (this jensen reads version 1)"));
  changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  CHECK_THAT(with(changed), Catch::Contains("the SHA-256 of its content differs"));
  CHECK_THAT(refusal(directory.path().string()), Catch::Contains("(Is a directory)"));
}

#ifndef __SANITIZE_ADDRESS__  // which takes address space as it goes

TEST_CASE("where there is no memory for HDF5 a model file is not begun", "[io]") {
  const TempDir directory;
  const std::string kept = directory.file("kept.h5"), file = directory.file("model.h5");
  const Document document = example();
  io::write_model_file(document, kept);
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit tight = before;
  tight.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (64 << 10);
  const auto said = [](const auto& call) -> std::string {
    try {
      call();
      return "nothing";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
  const std::string written = said([&] { io::write_model_file(document, file); });
  const std::string read = said([&] { io::read_model_file(kept); });
  REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(written ==
        "cannot make a model file in memory (out of memory); use more nodes, or fewer ranks on each");
  CHECK(read == "cannot open '" + kept + "' (out of memory); use more nodes, or fewer ranks on each");
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_NOTHROW(io::write_model_file(document, file));
}

TEST_CASE("where memory goes before HDF5 takes it, it refuses", "[io]") {
  const TempDir directory;
  io::write_model_file(example(), directory.file("model.h5"));
  const test::Handle access = io::make_properties(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access.get(), 1 << 16, false);
  ::malloc_trim(0);
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  for (rlim_t room = 0; room < (1 << 20); room += 16 << 10) {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit tight = before;
    tight.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + room;
    REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
    const hid_t file = H5Fcreate("in memory", H5F_ACC_TRUNC, H5P_DEFAULT, access.get());  // or a crash
    if (file >= 0) H5Fclose(file);
    REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
    ::malloc_trim(0);
  }
}

#endif
