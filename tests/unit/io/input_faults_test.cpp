#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstring>

#include "io/numeric_dataset.hpp"
#include "jensen/io/corpus.hpp"
#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::Layout;
using test::TempDir;

namespace {

constexpr Index kRecords = 9, kFeatures = 2;

std::vector<double> example_values() {
  std::vector<double> values(kRecords * kFeatures);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  return values;
}

std::string whole_file(const TempDir& directory, const Layout& layout) {
  const std::string file = directory.file("whole.h5");
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "data", layout, example_values());
  }
  return test::read_file(file);
}

std::string whole_corpus(const TempDir& directory) {
  const std::string file = directory.file("corpus.h5");
  const CountMatrix corpus{
      .vocabulary = 4, .offsets = {0, 2, 2, 5}, .words = {0, 2, 0, 1, 3}, .counts = {1, 2, 3, 1, 1}};
  io::write_corpus_file(file, "/corpus", corpus);
  return test::read_file(file);
}

void read_records(const std::string& file) {
  const io::LoadedData data = io::load(io::inspect(file, {}), {}, {});
  CHECK(data.minimum.allFinite());
  CHECK(data.maximum.allFinite());
}

void read_corpus(const std::string& file) {
  const double tokens = io::load_corpus(io::inspect_corpus(file, {}), {}, {}).tokens;
  CHECK(std::isfinite(tokens));
}

/// Reads `content`, which may be refused by a sentence of the right kind. Returns whether it was.
bool refuses(const std::string& file, const std::string& content, void (*read)(const std::string&)) {
  test::write_file(file, content);
  ExitCode code = ExitCode::input_rejected;
  const std::string sentence = test::sentence_of([&] { read(file); }, &code);
  CHECK(code == ExitCode::input_rejected);
  return !sentence.empty();
}

/// Every truncation is refused; a flipped bit, one in each byte, is refused or a number is another. A crash
/// or a hang ends the test.
void damage(const std::string& whole, const std::string& file, void (*read)(const std::string&)) {
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO("cut to " << length << " of " << whole.size() << " bytes");
    CHECK(refuses(file, whole.substr(0, length), read));
  }
  std::size_t refused = 0;
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    const std::size_t bit = 3 * byte % 8;
    std::string content = whole;
    content[byte] = static_cast<char>(content[byte] ^ (1 << bit));
    INFO("bit " << bit << " of byte " << byte);
    if (refuses(file, content, read)) ++refused;
  }
  CHECK(refused > 0);
  CHECK(refused < whole.size());
}

/// Puts 8 bytes in place of the only ones that are so.
void replace(std::string& content, std::uint64_t from, std::uint64_t to) {
  const std::string old(reinterpret_cast<const char*>(&from), sizeof(from));
  const std::size_t at = content.find(old);
  REQUIRE(at != std::string::npos);
  std::memcpy(content.data() + at, &to, sizeof(to));
}

}  // namespace

TEST_CASE("every truncation of an input is refused, and a flipped bit is refused or harmless", "[io][long]") {
  const TempDir directory;
  const std::string file = directory.file("damaged.h5");
  SECTION("values in one piece") {
    damage(whole_file(directory, {.shape = {kRecords, kFeatures}}), file, read_records);
  }
  SECTION("compressed chunks") {
    damage(whole_file(directory, {.shape = {kRecords, kFeatures}, .chunk = {4, 2}, .deflate = 1}), file,
           read_records);
  }
  SECTION("chunks") {
    damage(whole_file(directory, {.shape = {kRecords, kFeatures}, .chunk = {4, 2}}), file, read_records);
  }
  SECTION("names of features") {
    damage(whole_file(directory, {.shape = {kRecords, kFeatures}, .feature_names = {"length", "width"}}),
           file, read_records);
  }
  SECTION("a corpus") {
    damage(whole_corpus(directory), file, read_corpus);
  }
}

TEST_CASE("chunks without filters are as long as their index says", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  std::string content = whole_file(directory, {.shape = {kRecords, kFeatures}, .chunk = {7, 2}});
  test::write_file(file, content);
  read_records(file);
  const std::uint64_t bytes = 7 * 2 * sizeof(double);  // in the index
  replace(content, bytes, bytes + 1);
  test::write_file(file, content);
  CHECK_THAT(test::sentence_of([&] { read_records(file); }),
             Catch::Contains("has chunks without filters of ") && Catch::Contains("the file is damaged"));
}

TEST_CASE("bits of integers lie within them", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  std::string content = whole_file(directory, {.shape = {kRecords, kFeatures}, .type = H5T_STD_I32LE});
  test::write_file(file, content);
  read_records(file);
  const std::string type("\x04\0\0\0\0\0\x20\0", 8);  // 4 bytes; 32 bits from bit 0 on
  const std::size_t at = content.find(type);
  REQUIRE(at != std::string::npos);
  content[at + 6] = 64;
  test::write_file(file, content);
  CHECK_THAT(test::sentence_of([&] { read_records(file); }),
             Catch::Contains("holds integers of 64 bits from bit 0 on in 4 bytes (must lie within them)"));
}

TEST_CASE("shapes that the file cannot hold are refused before memory is asked for", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  const auto sentence = [&](const std::string& content) {
    test::write_file(file, content);
    return test::sentence_of([&] { read_records(file); });
  };
  const std::string whole = whole_file(directory, {.shape = {kRecords, kFeatures}});
  std::string content = whole;
  replace(content, kRecords, std::uint64_t{1} << 40);
  CHECK_THAT(sentence(content),
             Catch::Contains("has shape 1099511627776 x 2, more values than the file holds"));
  content = whole;
  replace(content, kRecords, std::uint64_t{1} << 61);
  CHECK_THAT(sentence(content), Catch::Contains("more values than 64-bit addresses reach"));

  content = whole;
  replace(content, kRecords, std::uint64_t{1} << 40);
  replace(content, kRecords * kFeatures * sizeof(double), (std::uint64_t{1} << 41) * sizeof(double));
  CHECK_THAT(sentence(content),
             Catch::Contains("has shape 1099511627776 x 2, more values than the file holds"));

  const test::Handle out = io::create_output(file);
  for (const Index extent : {Index{1} << 40, Index{1} << 20}) {
    test::create_dataset(out.get(), "at" + std::to_string(extent),
                         {.shape = {extent, extent}, .type = H5T_NATIVE_DOUBLE, .chunk = {64, 64}});
  }
  H5Fflush(out.get(), H5F_SCOPE_GLOBAL);
  CHECK_THAT(test::sentence_of([&] { io::inspect(file + ":/at1099511627776", {}); }),
             Catch::Contains("more values than 64-bit addresses reach"));
  CHECK_THAT(test::sentence_of([&] { io::inspect(file + ":/at1048576", {}); }),
             Catch::Contains("not all of its values were ever written"));
}

TEST_CASE("chunks may be larger than the data", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  test::write_file(file, whole_file(directory, {.shape = {kRecords, kFeatures}, .chunk = {9, 2}}));
  const auto plain = io::load(io::inspect(file, {}), {}, {});
  {
    const test::Handle out = io::create_output(file);
    const test::Handle creation = io::make_properties(H5P_DATASET_CREATE);
    const std::array<hsize_t, 2> shape = {kRecords, kFeatures}, most = {H5S_UNLIMITED, H5S_UNLIMITED},
                                 chunk = {64, 8};
    H5Pset_chunk(creation.get(), 2, chunk.data());
    const test::Handle space(H5Screate_simple(2, shape.data(), most.data()), H5Sclose);
    const test::Handle dataset(H5Dcreate2(out.get(), "data", H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                                          creation.get(), H5P_DEFAULT),
                               H5Dclose);
    H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, example_values().data());
  }
  CHECK(io::load(io::inspect(file, {}), {}, {}).fingerprint == plain.fingerprint);
}

TEST_CASE("a file that changes between its header and the end of its values is refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  const std::string whole = whole_file(directory, {.shape = {kRecords, kFeatures}});
  const auto sentence_after = [&](const std::function<void()>& change) {
    test::write_file(file, whole);
    const io::DatasetInfo info = io::inspect(file, {});
    change();
    return test::sentence_of([&] { io::load(info, {}, {}); });
  };
  CHECK(sentence_after([] {}).empty());
  CHECK_THAT(sentence_after([&] {
               test::write_file(file + ".new", whole);
               std::filesystem::rename(file + ".new", file);
             }),
             Catch::Contains("changed while jensen was reading it; let the program that writes it finish"));
  CHECK_THAT(sentence_after([&] {
               std::filesystem::last_write_time(
                   file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
             }),
             Catch::Contains("changed while jensen was reading it"));
}

TEST_CASE("a file that is cut off while it is open gives no zeros", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  test::write_file(file, whole_file(directory, {.shape = {kRecords, kFeatures}}));
  const io::NumericDataset dataset({file, "/data"});
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 8);
  std::vector<double> values(kRecords * kFeatures);
  CHECK_THAT(test::sentence_of([&] { dataset.read(0, kRecords, values.data()); }),
             Catch::Contains("(HDF5: the file ends at byte"));
}

TEST_CASE("no filters are loaded, and those that are missing are named", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  constexpr H5Z_filter_t kUnknown = 32015;
  {
    const test::Handle out = io::create_output(file);
    const test::Handle creation = io::make_properties(H5P_DATASET_CREATE);
    const std::array<hsize_t, 2> chunk = {3, 2};
    H5Pset_chunk(creation.get(), 2, chunk.data());
    H5Pset_filter(creation.get(), kUnknown, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const test::Handle space = io::make_space({kRecords, kFeatures});
    const test::Handle dataset(H5Dcreate2(out.get(), "data", H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                                          creation.get(), H5P_DEFAULT),
                               H5Dclose);
    H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, example_values().data());
  }
  CHECK_THAT(test::sentence_of([&] { io::inspect(file, {}); }),
             Catch::Contains("is stored with the filter 32015") && Catch::Contains("h5repack -f GZIP=6"));
  unsigned plugins = 1;
  H5PLget_loading_state(&plugins);
  CHECK(plugins == 0);
}

TEST_CASE("a refusal is one line, whatever it quotes", "[io]") {
  CHECK(std::string(InputError("no data set '/a\nb\x1b[2J' in 'x.h5'").what()) ==
        "no data set '/a?b?[2J' in 'x.h5'");
}
