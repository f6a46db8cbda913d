#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "io/hdf5_checksum.hpp"
#include "io/hdf5_objects.hpp"
#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

namespace {

const std::vector<std::string> kNames = {"length", "width"};

template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

/// A file of the version that `creation` asks for, with data, names of features, and texts in a data set.
std::string write_whole(const std::string& file, hid_t creation, hid_t access) {
  {
    const test::Handle out(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose);
    test::add_dataset(out.get(), "data", {.shape = {2, 2}, .feature_names = kNames},
                      std::vector<double>{1, 2, 3, 5});
    const test::Handle type = io::text_type(), space = io::make_space({2});
    const test::Handle texts(
        H5Dcreate2(out.get(), "texts", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    H5Dwrite(texts.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, io::as_pointers(kNames).data());
  }
  return test::read_file(file);
}

/// What is said of the file when its names, or its texts, are read; they are right where nothing is.
std::string sentence_on(const std::string& file, const std::string& content, bool texts = false) {
  test::write_file(file, content);
  std::vector<std::string> found;
  const std::string sentence = test::sentence_of([&] {
    const test::Handle in = io::open_input(file);
    const test::Handle dataset(H5Dopen2(in.get(), "/texts", H5P_DEFAULT), H5Dclose);
    found = texts ? io::read_string_dataset(dataset.get(), "'/texts'")
                  : io::inspect(file + ":/data", {}).feature_names;
  });
  if (sentence.empty()) CHECK(found == kNames);
  return sentence;
}

/// Where the reference to "length" lies: its length, the address of its heap, its number there.
std::size_t reference_in(const std::string& content, std::size_t from) {
  const std::uint64_t heap = content.find("GCOL");
  return content.find(bytes_of(std::uint32_t{6}) + bytes_of(heap), from);
}

}  // namespace

TEST_CASE("references to texts that lead nowhere are refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  io::start_hdf5();
  const test::Handle access = io::make_properties(H5P_FILE_ACCESS);
  const bool latest = GENERATE(false, true);
  if (latest) H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const std::string whole = write_whole(file, H5P_DEFAULT, access.get());
  CHECK(sentence_on(file, whole) == "");
  CHECK(sentence_on(file, whole, true) == "");

  const std::string refused = "an attribute, a link or a layout is damaged";
  const std::size_t heap = whole.find("GCOL");
  std::string content = whole;
  content.replace(heap + 16, 2, bytes_of(std::uint16_t{77}));  // the number of its first object
  CHECK_THAT(sentence_on(file, content), Catch::Contains(refused));
  CHECK_THAT(test::sentence_of([&] { io::inspect(file, {}); }),
             Catch::Contains("a part of '") && Catch::Contains(refused));
  content = whole;
  content[heap + 24] = 4;  // its size
  CHECK_THAT(sentence_on(file, content), Catch::Contains(refused));

  const std::size_t first = reference_in(whole, 0), second = reference_in(whole, first + 1);
  REQUIRE(first != std::string::npos);
  const std::size_t of_texts = latest ? second : std::max(first, second);
  if (!latest) {  // elsewhere a checksum tells
    const std::size_t of_names = whole.find("feature_names") < first ? first : second;
    for (const auto& [at, value] : {std::pair(0, 7u), std::pair(0, 1u << 30), std::pair(12, 1u << 20)}) {
      content = whole;
      content.replace(of_names + static_cast<std::size_t>(at), 4, bytes_of(value));
      CHECK_THAT(sentence_on(file, content), Catch::Contains(refused));
    }
    content = whole;
    const std::size_t extent = whole.find(bytes_of(std::uint64_t{2}), whole.find("feature_names"));
    content.replace(extent, 8, bytes_of(std::uint64_t{1} << 16));
    CHECK_THAT(sentence_on(file, content), Catch::Contains(refused));
  }
  content = whole;
  content.replace(of_texts + 12, 4, bytes_of(1u << 20));
  CHECK_THAT(sentence_on(file, content, true),
             Catch::Contains("'/texts' has strings that are not where it says; the file is damaged"));
}

TEST_CASE("names in a group end with their heap", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  io::start_hdf5();
  std::string content = write_whole(file, H5P_DEFAULT, H5P_DEFAULT);
  const std::size_t heap = content.find("HEAP");
  std::uint64_t bytes = 0, begin = 0;
  std::memcpy(&bytes, content.data() + heap + 8, 8);
  std::memcpy(&begin, content.data() + heap + 24, 8);
  const std::size_t name = content.find("texts", begin);
  std::fill(content.begin() + static_cast<long>(name) + 5, content.begin() + static_cast<long>(begin + bytes),
            'x');
  test::write_file(file, content);
  const test::Handle in = io::open_input(file);
  std::vector<std::string> paths;
  for (const auto& object : io::list_objects(in.get()).found) paths.push_back(object.path);
  CHECK(paths.size() < 4);  // "/texts" may not be found by another name
  for (const std::string& path : paths) CHECK(path.size() <= bytes);
}

TEST_CASE("values within an object header are not taken for metadata", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  // as a header would begin, and go on with an attribute without content, wherever HDF5 reads on
  const std::array<std::int32_t, 6> header = {1, 0, 8, 0, 12, 0};
  for (std::size_t shift = 0; shift < header.size(); ++shift) {
    std::vector<std::int32_t> values(800);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = header[(i + shift) % header.size()];
    {
      const test::Handle out = io::create_output(file);
      const test::Handle creation = io::make_properties(H5P_DATASET_CREATE);
      H5Pset_layout(creation.get(), H5D_COMPACT);
      const test::Handle space = io::make_space({200, 4});
      const test::Handle dataset(H5Dcreate2(out.get(), "data", H5T_NATIVE_INT32, space.get(), H5P_DEFAULT,
                                            creation.get(), H5P_DEFAULT),
                                 H5Dclose);
      H5Dwrite(dataset.get(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
    CHECK(test::sentence_of([&] { io::inspect(file, {}); }) == "");
  }
}

TEST_CASE("a file with a user block is read", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  io::start_hdf5();
  const test::Handle creation = io::make_properties(H5P_FILE_CREATE);
  H5Pset_userblock(creation.get(), 2048);
  const std::string whole = write_whole(file, creation.get(), H5P_DEFAULT);
  CHECK(sentence_on(file, whole) == "");
  CHECK(sentence_on(file, whole, true) == "");
}

TEST_CASE("the checksum of HDF5's metadata is lookup3", "[io]") {
  const auto checksum = [](std::string_view text) {
    return io::hdf5_checksum(std::as_bytes(std::span(text.data(), text.size())));
  };
  CHECK(checksum("") == 0xdeadbeef);
  CHECK(checksum("Four score and seven years ago") == 0x17770551);  // Jenkins' own example
}

TEST_CASE("mappings of virtual data that are damaged are refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  {
    const test::Handle out = io::create_output(file), plane = io::make_space({4, 2});
    const test::Handle layout = io::make_properties(H5P_DATASET_CREATE);
    H5Pset_virtual(layout.get(), plane.get(), "other.h5", "x", plane.get());
    test::Handle(H5Dcreate2(out.get(), "virtual", H5T_NATIVE_DOUBLE, plane.get(), H5P_DEFAULT, layout.get(),
                            H5P_DEFAULT),
                 H5Dclose);
  }
  const auto sentence = [&] { return test::sentence_of([&] { io::load(io::inspect(file, {}), {}, {}); }); };
  CHECK_THAT(sentence(), Catch::Contains("refers to values in other files (virtual storage)"));
  const std::string whole = test::read_file(file);
  const std::size_t begin = whole.find("other.h5") - 9;  // behind a version and the number of mappings
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, whole.data() + begin - 8, 8);
  REQUIRE(bytes > 20);
  REQUIRE(bytes < 200);
  for (std::size_t byte = begin; byte < begin + bytes; ++byte) {
    std::string content = whole;
    content[byte] = static_cast<char>(content[byte] ^ 2);
    test::write_file(file, content);
    INFO("byte " << byte - begin);
    CHECK_THAT(sentence(), Catch::Contains("an attribute, a link or a layout is damaged"));
  }
}
