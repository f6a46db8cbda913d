#include <array>
#include <catch2/catch.hpp>

#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

namespace {

using SetFilter = void (*)(hid_t creation);

constexpr std::array<hsize_t, 2> kChunk = {16, 2};

void shuffle(hid_t creation) {
  H5Pset_shuffle(creation);
}
void fletcher32(hid_t creation) {
  H5Pset_fletcher32(creation);
}
void nbit(hid_t creation) {
  H5Pset_nbit(creation);
}
void scaleoffset(hid_t creation) {
  H5Pset_scaleoffset(creation, H5Z_SO_INT, 0);
}
void szip(hid_t creation) {
  H5Pset_szip(creation, H5_SZIP_NN_OPTION_MASK, 8);
}
void fletcher32_and_gzip(hid_t creation) {
  H5Pset_fletcher32(creation);
  H5Pset_deflate(creation, 1);
}
void szip_and_gzip(hid_t creation) {
  H5Pset_szip(creation, H5_SZIP_NN_OPTION_MASK, 8);
  H5Pset_deflate(creation, 1);
}

/// A file of one chunk of 32 integers of 20 bits in 4 bytes; `spoil` may change what is stored.
void write_chunk(const std::string& file, SetFilter set_filter,
                 const std::function<void(hid_t)>& spoil = {}) {
  const test::Handle out = io::create_output(file), space = io::make_space({16, 2});
  const test::Handle creation = io::make_properties(H5P_DATASET_CREATE);
  H5Pset_chunk(creation.get(), 2, kChunk.data());
  set_filter(creation.get());
  const test::Handle type(H5Tcopy(H5T_STD_I32LE), H5Tclose);
  H5Tset_precision(type.get(), 20);
  const test::Handle dataset(
      H5Dcreate2(out.get(), "x", type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose);
  std::vector<std::int64_t> values(32);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i * i);
  H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  if (spoil) spoil(dataset.get());
}

std::string sentence_on(const std::string& file) {
  return test::sentence_of([&] { io::load(io::inspect(file, {}), {}, {}); });
}

const std::string kRefused = "has chunks of 124 bytes (must be 128); the file is damaged: use another copy";

}  // namespace

TEST_CASE("chunks give as many bytes as they have, whatever the filter", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  const SetFilter set_filter =
      GENERATE(shuffle, fletcher32, nbit, scaleoffset, szip, fletcher32_and_gzip, szip_and_gzip);
  write_chunk(file, set_filter);
  CHECK(sentence_on(file) == "");
  write_chunk(file, set_filter, [](hid_t dataset) {  // not filtered at all, and a number is missing
    const std::array<hsize_t, 2> begin = {0, 0};
    const std::array<std::int32_t, 31> stored = {};
    REQUIRE(H5Dwrite_chunk(dataset, H5P_DEFAULT, ~0u, begin.data(), sizeof(stored), stored.data()) >= 0);
  });
  CHECK_THAT(sentence_on(file), Catch::Contains(kRefused));
}

TEST_CASE("chunks at the edge may be without the filters of the others", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  const SetFilter set_filter = GENERATE(fletcher32, nbit, scaleoffset, szip, fletcher32_and_gzip);
  {
    const test::Handle access = io::make_properties(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    const test::Handle out(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
    const test::Handle creation = io::make_properties(H5P_DATASET_CREATE), space = io::make_space({35, 2});
    H5Pset_chunk(creation.get(), 2, kChunk.data());
    REQUIRE(H5Pset_chunk_opts(creation.get(), H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) >= 0);
    set_filter(creation.get());
    const test::Handle dataset(
        H5Dcreate2(out.get(), "x", H5T_STD_I32LE, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
        H5Dclose);
    const std::vector<std::int64_t> values(70, 7);
    H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  CHECK(sentence_on(file) == "");
}

TEST_CASE("a filter that was told of fewer numbers than a chunk has is refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("d.h5");
  write_chunk(file, GENERATE(nbit, scaleoffset));
  CHECK(sentence_on(file) == "");
  const std::string content = test::read_file(file), told("\x20\0\0\0", 4);  // and others that are 32
  std::size_t refused = 0;
  for (std::size_t at = content.find(told); at != std::string::npos; at = content.find(told, at + 1)) {
    std::string changed = content;
    changed[at] = 31;
    test::write_file(file, changed);
    if (sentence_on(file).find(kRefused) != std::string::npos) ++refused;
  }
  CHECK(refused == 1);
}
