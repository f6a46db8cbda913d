#include <catch2/catch.hpp>
#include <numeric>

#include "io/numeric_dataset.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/records.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

namespace {

int decoded = 0;

/// A filter that leaves the bytes as they are and counts how often a chunk is read.
std::size_t count_decoding(unsigned flags, std::size_t, const unsigned*, std::size_t bytes, std::size_t*,
                           void**) {
  if ((flags & H5Z_FLAG_REVERSE) != 0) ++decoded;
  return bytes;
}

constexpr H5Z_filter_t kCountingFilter = 311;

void register_counter() {
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kCountingFilter, 1,       1,
                               "counting",       nullptr,         nullptr, count_decoding};
  H5Zregister(&filter);
}

}  // namespace

TEST_CASE("no chunk is decoded twice, whatever the size of a piece", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("chunked.h5");
  io::start_hdf5();
  register_counter();
  std::vector<double> values(1000 * 7);
  std::iota(values.begin(), values.end(), 0.0);
  struct Shape {
    std::vector<hsize_t> chunk;
    int chunks;
  };
  for (const Shape& shape :
       {Shape{{64, 7}, 16}, Shape{{100, 2}, 40}, Shape{{1000, 1}, 7}, Shape{{999, 7}, 2}}) {
    {
      const test::Handle out = io::create_output(file);
      const test::Handle space = io::make_space({1000, 7});
      const test::Handle creation = io::make_properties(H5P_DATASET_CREATE);
      H5Pset_chunk(creation.get(), 2, shape.chunk.data());
      H5Pset_filter(creation.get(), kCountingFilter, 0, 0, nullptr);
      const test::Handle data(H5Dcreate2(out.get(), "x", H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                                         creation.get(), H5P_DEFAULT),
                              H5Dclose);
      H5Dwrite(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
    const io::DatasetInfo info = io::inspect(file, {});
    std::vector<Index> every_third;
    for (Index record = 0; record < info.records; record += 3) every_third.push_back(record);
    decoded = 0;
    const RowMatrix records = io::read_records(info, every_third);
    CHECK(decoded == shape.chunks);
    CHECK(records(333, 6) == values[999 * 7 + 6]);
    for (const std::int64_t piece_bytes : {1, 500, 6000, 20000, 1 << 23}) {
      decoded = 0;
      const io::LoadedData data = io::load(info, {.piece_bytes = piece_bytes}, {});
      CHECK(decoded == shape.chunks);
      CHECK(data.shard.original_record(999)[6] == 6999);
    }
  }
}

TEST_CASE("pieces are at most as large as asked and end with whole chunks", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("pieces.h5");
  {
    const test::Handle out = io::create_output(file);
    const std::vector<double> values(1000);
    test::add_dataset(out.get(), "chunked", {.shape = {100, 10}, .chunk = {6, 10}}, values);
    test::add_dataset(out.get(), "plain", {.shape = {100, 10}}, values);
  }
  const io::NumericDataset plain({file, "/plain"}, 800);
  CHECK(plain.piece_end(3, 100) == 13);
  CHECK(plain.piece_end(95, 100) == 100);
  const io::NumericDataset chunked({file, "/chunked"}, 1120);  // 14 rows: two chunks of 6
  CHECK(chunked.piece_end(3, 100) == 12);
  CHECK(chunked.piece_end(12, 100) == 24);
  CHECK(chunked.piece_end(96, 100) == 100);
}
