#include "jensen/io/records.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using Catch::Matchers::Contains;

namespace {

/// A file with the data set /x of 20 x 3 numbers.
template <class T>
io::DatasetInfo make_data(const test::TempDir& directory, const std::vector<T>& values) {
  io::start_hdf5();
  const std::string file = directory.file("data.h5");
  const test::Handle out = io::create_output(file);
  test::add_dataset(out.get(), "x", {.shape = {20, 3}}, values);
  return {.file = file, .dataset = "/x", .records = 20, .features = 3};
}

template <class T>
std::vector<T> counted() {
  std::vector<T> values(60);
  std::iota(values.begin(), values.end(), T{1});
  return values;
}

}  // namespace

TEST_CASE("chosen records are read, and they alone", "[io]") {
  const test::TempDir directory;
  const io::DatasetInfo info = make_data(directory, counted<double>());
  const std::vector<Index> chosen = {0, 4, 5, 6, 19};
  const RowMatrix records = io::read_records(info, chosen);
  REQUIRE(records.rows() == 5);
  REQUIRE(records.cols() == 3);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    for (Index d = 0; d < 3; ++d)
      CHECK(records(static_cast<Index>(i), d) == static_cast<double>(3 * chosen[i] + d + 1));
  }
  CHECK(io::read_records(info, {}).rows() == 0);
}

TEST_CASE("values that no record may have are refused only where they are read", "[io]") {
  const test::TempDir directory;
  std::vector<double> values = counted<double>();
  values[3 * 7 + 1] = std::numeric_limits<double>::quiet_NaN();
  const io::DatasetInfo info = make_data(directory, values);
  const std::vector<Index> good = {6, 8}, bad = {6, 7, 8};
  CHECK(io::read_records(info, good).allFinite());
  CHECK_THAT(test::sentence_of([&] { io::read_records(info, bad); }),
             Contains("NaN or infinite") && Contains("record 7 "));
}

TEST_CASE("integers are read exactly or not at all", "[io]") {
  const test::TempDir directory;
  std::vector<std::int64_t> values = counted<std::int64_t>();
  values[3 * 2] = std::int64_t{1} << 53;
  values[3 * 9] = (std::int64_t{1} << 53) + 1;
  const io::DatasetInfo info = make_data(directory, values);
  const std::vector<Index> good = {2}, bad = {2, 9};
  CHECK(io::read_records(info, good)(0, 0) == 0x1p53);
  CHECK_THAT(test::sentence_of([&] { io::read_records(info, bad); }),
             Contains("beyond 2^53") && Contains("record 9 "));
}
